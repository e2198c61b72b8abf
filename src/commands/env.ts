import { join } from 'node:path';
import { homeFolder } from '../home.ts';
import { writeClientFiles } from '../launch/client-files.ts';
import { proxyVariables } from '../launch/environment.ts';
import { makePrivateFolder } from '../new-files.ts';
import { DEFAULTS } from '../options/defaults.ts';
import { readOptions, withDefault } from '../options/option.ts';
import { oneOf, port } from '../options/values.ts';
import { openAuthority } from '../proxy/authority.ts';
import type { CommandModule } from './command.ts';

const shells = ['sh', 'fish', 'powershell', 'json'] as const;

const options = {
  shell: withDefault(
    '--shell <shell>',
    `for which shell: ${shells.join(', ')}`,
    oneOf(shells),
    DEFAULTS.shell,
  ),
  port: withDefault(
    '-p, --port <n>',
    'the port of the running proxy',
    port,
    String(DEFAULTS.proxyPort),
  ),
} as const;

/** `pmproxy env`: the variables that send a shell's programs through a running proxy. */
export const envCommand: CommandModule = {
  description: "Prints the variables that send a shell's programs through a running proxy.",
  examples: ['eval "$(pmproxy env)"'],
  options: { Options: options },
  wrapsCommand: false,
  async run({ given }) {
    const { shell, port: proxyPort } = readOptions(options, given);
    const home = homeFolder();
    const authority = await openAuthority(home);
    const folder = join(home, 'clients');
    await makePrivateFolder(folder);
    const files = await writeClientFiles(folder, authority.files.cert, process.env);
    const variables = proxyVariables(process.env, {
      ...files,
      proxyUrl: `http://${DEFAULTS.bind}:${proxyPort}`,
    });
    process.stdout.write(assignments(shell, variables));
    return 0;
  },
};

/** The assignments in the syntax of a shell. */
function assignments(
  shell: (typeof shells)[number],
  variables: Readonly<Record<string, string>>,
): string {
  if (shell === 'json') return `${JSON.stringify(variables, null, 2)}\n`;
  const lines = Object.entries(variables).map(([name, value]) => {
    // Inside single quotes only the quote itself means anything: closed and reopened around an
    // escaped one in sh, escaped in fish (with the backslash), doubled in PowerShell.
    if (shell === 'fish') return `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}'`;
    if (shell === 'powershell') return `$env:${name} = '${value.replace(/'/g, "''")}'`;
    return `export ${name}='${value.replace(/'/g, "'\\''")}'`;
  });
  return `${lines.join('\n')}\n`;
}
