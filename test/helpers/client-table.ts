import { fileURLToPath } from 'node:url';

/** Where a request goes: to a name that only the proxy can reach, or to this machine by its address. */
export const cells = ['http-name', 'https-name', 'http-loopback', 'https-loopback'] as const;
export type Cell = (typeof cells)[number];

/** A client, as the documentation lists it. */
export type Client = {
  /** Its name for people. */
  readonly name: string;
  /** What the program (test/clients) knows it by; also the end of the paths that it asks for. */
  readonly id: string;
  /** The cells that are not recorded, and why. */
  readonly except?: { readonly cells: readonly Cell[]; readonly why: string };
};

/** A program of test/clients that runs clients, one after another. */
export type Program = {
  /** The language or tool, as the documentation lists it. */
  readonly name: string;
  /** Goes ahead of the ids of its clients in the paths that they ask for. */
  readonly prefix: string;
  /** The first of these that works runs it. */
  readonly commands: readonly [string, ...string[]];
  readonly args: readonly string[];
  /** Arguments with which a command ends with 0 where its clients are installed. */
  readonly probe: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly clients: readonly Client[];
};

const file = (name: string) => fileURLToPath(new URL(`../clients/${name}`, import.meta.url));

const nodeClients: readonly Client[] = [
  { id: 'fetch', name: 'fetch' },
  { id: 'http', name: 'http and https' },
  { id: 'own-agent', name: 'agents of the program' },
  { id: 'no-agent', name: '`agent: false`' },
  { id: 'http2', name: 'http2' },
  { id: 'undici', name: 'undici' },
  { id: 'undici-agent', name: "undici's `Agent`" },
  { id: 'axios', name: 'axios' },
  { id: 'got', name: 'got' },
  { id: 'ky', name: 'ky' },
  { id: 'node-fetch', name: 'node-fetch' },
  { id: 'superagent', name: 'superagent' },
  { id: 'ws', name: 'ws' },
  { id: 'worker', name: 'workers' },
  { id: 'grandchild', name: 'processes started by a shell' },
  {
    id: 'playwright',
    name: "Playwright's `request`",
    except: { cells: ['http-name', 'https-name'], why: 'if this machine cannot resolve the name' },
  },
];

function node(prefix: string, command: string): Program {
  return {
    name: 'Node 20, 22, 24, 26',
    prefix,
    commands: [command],
    args: [file('node.js')],
    probe: ['-e', `require(${JSON.stringify(file('node_modules/axios'))})`],
    clients: nodeClients,
  };
}

const javaScript: readonly Client[] = [
  { id: 'fetch', name: 'fetch' },
  { id: 'http', name: 'node:http and node:https' },
  { id: 'websocket', name: 'WebSocket' },
];

/** What every test run records. */
export const corePrograms: readonly Program[] = [
  {
    name: 'Command line',
    prefix: '',
    commands: ['sh'],
    args: [file('clients.sh')],
    probe: ['-c', 'curl --version && wget --version && git --version'],
    clients: [
      { id: 'curl', name: 'curl' },
      { id: 'curl-http2', name: 'curl --http2' },
      { id: 'wget', name: 'wget' },
      { id: 'git', name: 'git' },
    ],
  },
  {
    name: 'Python',
    prefix: 'python-',
    commands: ['/usr/bin/python3', 'python3'],
    args: [file('clients.py')],
    probe: ['-c', 'import aiohttp, httpx, requests, websockets'],
    clients: [
      { id: 'urllib', name: 'urllib' },
      { id: 'http.client', name: 'http.client' },
      { id: 'requests', name: 'requests' },
      { id: 'urllib3', name: 'urllib3' },
      { id: 'httpx', name: 'httpx' },
      { id: 'httpx-async', name: 'asynchronous httpx' },
      { id: 'aiohttp', name: 'aiohttp' },
      { id: 'websockets', name: 'websockets' },
    ],
  },
  {
    name: 'Ruby',
    prefix: 'ruby-',
    commands: ['ruby'],
    args: [file('clients.rb')],
    probe: ['--version'],
    clients: [
      { id: 'net-http', name: 'Net::HTTP' },
      { id: 'open-uri', name: 'open-uri' },
    ],
  },
  {
    name: 'Perl',
    prefix: 'perl-',
    commands: ['perl'],
    args: [file('clients.pl')],
    probe: ['-MLWP::Protocol::https', '-e', '1'],
    clients: [
      { id: 'lwp', name: 'LWP::UserAgent' },
      { id: 'http-tiny', name: 'HTTP::Tiny' },
    ],
  },
  {
    name: 'PHP',
    prefix: 'php-',
    commands: ['php'],
    args: [file('clients.php')],
    probe: ['-r', 'exit(function_exists("curl_init") ? 0 : 1);'],
    clients: [
      { id: 'curl', name: 'curl' },
      { id: 'streams', name: 'streams' },
      {
        id: 'streams-context',
        name: 'streams with a context of their own',
        except: { cells, why: 'set `proxy` in the context' },
      },
    ],
  },
];

/** What takes long to start, or has to be installed: see test/clients/package.json. */
export const slowPrograms: readonly Program[] = [
  node('node-', process.execPath),
  ...[22, 24, 26].map((version) =>
    node(`node${version}-`, file(`node_modules/node${version}/bin/node`)),
  ),
  {
    name: 'Chromium',
    prefix: '',
    commands: [process.execPath],
    args: [file('chromium.js')],
    probe: ['-e', `require(${JSON.stringify(file('node_modules/playwright-core'))})`],
    env: { CHROMIUM: '/usr/bin/chromium' },
    clients: [{ id: 'chromium', name: 'started by Playwright or Puppeteer' }],
  },
  {
    name: 'Bun',
    prefix: 'bun-',
    commands: ['bun'],
    args: [file('bun.js')],
    probe: ['--version'],
    clients: javaScript,
  },
  {
    name: 'Deno',
    prefix: 'deno-',
    commands: ['deno'],
    args: ['run', '--allow-all', '--no-lock', file('deno.js')],
    probe: ['--version'],
    env: { DENO_NO_UPDATE_CHECK: '1' },
    clients: javaScript,
  },
  {
    name: 'npm',
    prefix: '',
    commands: ['sh'],
    args: [file('clients.sh')],
    probe: ['-c', 'npm --version'],
    env: { npm_config_fetch_retries: '0' },
    clients: [{ id: 'npm', name: 'npm' }],
  },
  {
    name: 'pip',
    prefix: '',
    commands: ['python3', '/usr/bin/python3'],
    args: [file('clients.py')],
    probe: ['-m', 'pip', '--version'],
    clients: [{ id: 'pip', name: 'pip' }],
  },
  {
    name: 'Java',
    prefix: 'java-',
    commands: ['java'],
    args: [file('Clients.java')],
    // Only a JDK compiles what it runs.
    probe: ['--add-modules', 'jdk.compiler', '--version'],
    clients: [
      { id: 'http-client', name: 'HttpClient' },
      { id: 'url-connection', name: 'URLConnection' },
    ],
  },
  {
    name: 'Go',
    prefix: 'go-',
    commands: ['go', '/usr/local/go/bin/go'],
    args: ['run', file('clients.go')],
    probe: ['version'],
    clients: [
      {
        id: 'net-http',
        name: 'net/http',
        except: {
          cells: ['http-loopback', 'https-loopback'],
          why: 'Go never uses a proxy to reach this machine',
        },
      },
    ],
  },
];

const WHERE: Readonly<Record<string, string>> = {
  [cells.join()]: '',
  'http-name,https-name': ' to a name',
  'http-loopback,https-loopback': ' to this machine',
  'https-loopback': ' over HTTPS to this machine',
};

/** The table of clients in the documentation, Markdown. */
export function clientTable(): string {
  const all = [...corePrograms, ...slowPrograms];
  const rows = new Map(all.map((program) => [program.name, row(program)]));
  return ['| | recorded | not recorded |', '| --- | --- | --- |', ...rows.values()].join('\n');
}

function row({ name, clients }: Program): string {
  const recorded = clients.filter(({ except }) => except?.cells !== cells);
  const missing = clients.flatMap(({ name: client, except }) =>
    except ? [`${client}${WHERE[except.cells.join()]}: ${except.why}`] : [],
  );
  return `| ${name} | ${recorded.map((client) => client.name).join(', ')} | ${missing.join('; ')} |`;
}
