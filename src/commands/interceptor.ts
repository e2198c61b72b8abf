import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { errorCode, UserError } from '../errors.ts';
import { homeFolder } from '../home.ts';
import { interceptorOptions } from '../options/interceptor.ts';
import { readOptions } from '../options/option.ts';
import { requestCode, revokePairings } from '../session/client/interceptor-pairing.ts';
import type { CommandModule } from './command.ts';

/** `pmproxy interceptor`: where the browser extension is, and the code that pairs it with the running client. */
export const interceptorCommand: CommandModule = {
  description:
    'Pairs a browser extension with the running client. The extension captures the requests of the\n' +
    'browser that you use, without a proxy.',
  examples: [
    'pmproxy interceptor            while pmproxy client is running in another terminal',
    'pmproxy interceptor --revoke   no browser can push any more',
  ],
  options: { 'The Interceptor': interceptorOptions },
  wrapsCommand: false,
  async run({ given }) {
    const { port, revoke } = readOptions(interceptorOptions, given);
    const home = homeFolder();
    if (revoke) {
      const revoked = await revokePairings(home, port);
      process.stdout.write(`${revoked} ${revoked === 1 ? 'pairing' : 'pairings'} revoked.\n`);
      return 0;
    }
    const folder = await extensionFolder();
    const { code, validForMs } = await requestCode(home, port);
    process.stdout.write(instructions(folder, code, port, validForMs / 60_000));
    return 0;
  },
};

async function extensionFolder(): Promise<string> {
  const folder = new URL('../interceptor/', import.meta.url);
  await access(new URL('manifest.json', folder)).catch((cause: unknown) => {
    if (errorCode(cause) !== 'ENOENT') throw cause;
    const hint = 'Build it: npm run build';
    throw new UserError('The extension has not been built.', { cause, hint });
  });
  return fileURLToPath(folder);
}

function instructions(folder: string, code: string, port: number, minutes: number): string {
  return `The extension is in ${folder}
To load it in Chrome, Edge, Brave or Chromium, once:
  1. Open chrome://extensions and switch on "Developer mode".
  2. Choose "Load unpacked" and the folder above.
To pair it, open "pmproxy Interceptor" in the browser's menu of extensions and type:
  Code  ${code}   (valid for ${minutes} minutes, once)
  Port  ${port}
`;
}
