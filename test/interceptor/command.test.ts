import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newPlace, runCli, startCli } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { entryFor, isConnected, startIntercepted, withChromium } from './intercepted-browser.ts';
import { startSite } from './site.ts';

type Ready = { readonly port: number; readonly token: string };

describe('pmproxy interceptor', () => {
  withChromium('prints the folder of the extension, and the code that pairs it', async () => {
    const place = await newPlace();
    const cli = startCli(place, ['client', '--port', '0', '--ready-file', place.path('ready')]);
    const client = await eventually(() => place.json<Ready>('ready'));
    const port = String(client.port);
    const { stdout, code: exitCode } = await runCli(place, ['interceptor', '--port', port]);
    expect(exitCode).toBe(0);
    await access(join(/^The extension is in (.*)$/m.exec(stdout)?.[1] ?? '', 'manifest.json'));
    const code = /Code +(\S+)/.exec(stdout)?.[1] ?? '';
    expect(stdout).toContain(`Port  ${port}`);

    const site = await startSite();
    const browser = await startIntercepted();
    await browser.pair(code, client.port);
    await isConnected(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/home`);
    await entryFor(client, 'GET', '/home');
    await cli.says(/connected/);

    const revoke = ['interceptor', '--revoke', '--port', port];
    expect((await runCli(place, revoke)).stdout).toBe('1 pairing revoked.\n');
    await browser.popup.getByText('This browser is not paired any more').waitFor();
    await cli.end('SIGINT');
    expect((await runCli(place, revoke)).stdout).toBe('0 pairings revoked.\n');
  });

  test('says how to start a client when none is running', async () => {
    const { code, stderr, stdout } = await runCli(await newPlace(), ['interceptor', '--port', '9']);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      'pmproxy: No client of this account is running on port 9. ' +
        'Start one in another terminal: pmproxy client\n',
    );
  });
});
