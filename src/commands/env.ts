import { join } from 'node:path';
import { homeFolder } from '../home.ts';
import { writeClientFiles } from '../launch/client-files.ts';
import { bridgeAddress, type ContainerSetup, setUpContainers } from '../launch/container.ts';
import { proxyVariables } from '../launch/environment.ts';
import { makePrivateFolder } from '../new-files.ts';
import { DEFAULTS } from '../options/defaults.ts';
import { readOptions, withDefault } from '../options/option.ts';
import { oneOf, port } from '../options/values.ts';
import { openAuthority } from '../proxy/authority.ts';
import { quoted } from '../terminal/summary.ts';
import type { CommandModule } from './command.ts';

const shells = ['sh', 'fish', 'powershell', 'json', 'docker', 'compose'] as const;

const options = {
  shell: withDefault(
    '--shell <shell>',
    `for a shell or containers: ${shells.join(', ')}`,
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

/** `pmproxy env`: what sends the programs of a shell or a container through a running proxy. */
export const envCommand: CommandModule = {
  description:
    'Prints the settings that send the programs of a shell or a container through a running proxy.',
  examples: [
    'eval "$(pmproxy env)"',
    'docker run $(pmproxy env --shell docker) node:22 npm test',
    'pmproxy env --shell compose > compose.pmproxy.yaml',
  ],
  options: { Options: options },
  wrapsCommand: false,
  async run({ given }) {
    const { shell, port: proxyPort } = readOptions(options, given);
    const home = homeFolder();
    const { files } = await openAuthority(home);
    if (shell === 'docker' || shell === 'compose') {
      const setup = await setUpContainers(join(home, 'containers'), files.cert, proxyPort);
      process.stdout.write(shell === 'docker' ? dockerFlags(setup) : await composeFile(setup));
      const listening = `pmproxy save --bind ${bridgeAddress()} --port ${proxyPort}`;
      process.stderr.write(
        `On Linux, containers reach only a proxy that listens on Docker's bridge: ${listening}\n`,
      );
      return 0;
    }
    const folder = join(home, 'clients');
    await makePrivateFolder(folder);
    const access = await writeClientFiles(folder, files.cert, process.env);
    const proxyUrl = `http://${DEFAULTS.bind}:${proxyPort}`;
    process.stdout.write(assignments(shell, proxyVariables(process.env, { ...access, proxyUrl })));
    return 0;
  },
};

type Shell = Exclude<(typeof shells)[number], 'docker' | 'compose'>;

/** The lines by which a shell takes over variables. */
function assignments(shell: Shell, variables: Readonly<Record<string, string>>): string {
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

/** Flags of `docker run`. The variables are in a file, for some hold spaces. */
function dockerFlags({ envFile, mounts, extraHost }: ContainerSetup): string {
  const flags = [
    `--env-file ${quoted(envFile)}`,
    ...mounts.map(({ from, to }) => `--volume ${quoted(`${from}:${to}:ro`)}`),
    `--add-host ${extraHost}`,
  ];
  return `${flags.join(' ')}\n`;
}

/** A file for `docker compose -f compose.yaml -f compose.pmproxy.yaml up`, with one service. */
async function composeFile({ variables, mounts, extraHost }: ContainerSetup): Promise<string> {
  // Shells do not wait for it.
  const { stringify } = await import('yaml');
  // Compose replaces $NAME itself (Compose file reference, Interpolation).
  const environment = Object.entries(variables).map(([name, value]) => [
    name,
    value.replaceAll('$', '$$$$'),
  ]);
  const app = {
    environment: Object.fromEntries(environment),
    volumes: mounts.map(({ from, to }) => `${from.replaceAll('$', '$$$$')}:${to}:ro`),
    extra_hosts: [extraHost],
  };
  const comment =
    '# Give "app" the name of your service. Add the names of services that it calls to NO_PROXY and no_proxy:\n# pmproxy cannot reach them by name.\n';
  return comment + stringify({ services: { app } }, { lineWidth: 0 });
}
