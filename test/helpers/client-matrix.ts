import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { newPlace, runCli } from './cli.ts';
import { type Cell, type Client, cells, type Program } from './client-table.ts';
import { firstThatWorks } from './clients.ts';
import { namingProxy } from './naming-proxy.ts';
import { listen, upstreamAuthority } from './upstream.ts';

/** What became of programs. */
export type Matrix = {
  /** `<prefix><id> <cell>` of each request that was recorded, sorted. */
  readonly recorded: readonly string[];
  /** What pmproxy and the clients said on standard error, to explain a cell that is missing. */
  readonly said: string;
};

/** The cells that the table promises, in the words of {@link Matrix}. */
export function promised(programs: readonly Program[]): string[] {
  return cellsOf(programs, (cell, _, { except }) => !except?.cells.includes(cell));
}

/**
 * Records programs with one `pmproxy save` in an environment that is set up against it: another proxy, exclusions,
 * certificates that do not exist. The names `plain.test` and `secure.test` exist for that other proxy alone.
 */
export async function recordPrograms(programs: readonly Program[]): Promise<Matrix> {
  const place = await newPlace();
  const servers = await startServers();
  const origins: Record<Cell, string> = {
    'http-name': 'http://plain.test',
    'https-name': 'https://secure.test',
    'http-loopback': `http://127.0.0.1:${servers.plain}`,
    'https-loopback': `https://127.0.0.1:${servers.secure}`,
  };
  const commands = programs.map(({ commands, args, probe, env, prefix, clients }) => ({
    command: firstThatWorks(commands, ...probe),
    args,
    env: {
      ...env,
      PREFIX: prefix,
      CLIENTS: clients.map(({ id }) => id).join(' '),
      URLS: Object.values(origins).join(' '),
    },
  }));
  await writeFile(place.path('programs.json'), JSON.stringify(commands));
  const options = ['-o', 't.ndjson', '--insecure'];
  const command = [process.execPath, allPrograms, 'programs.json'];
  const env = hostile(servers.proxy);
  const { stderr } = await runCli(place, ['save', ...options, '--', ...command], { env });
  const urls = urlsIn(await place.read('t.ndjson'));
  const recorded = cellsOf(programs, (cell, prefix, { id }) =>
    // pip asks for a file below it, npm and git as well.
    urls.some((url) => `${url}/`.startsWith(`${origins[cell]}/${prefix}${id}/`)),
  );
  return { recorded, said: stderr };
}

const allPrograms = fileURLToPath(new URL('../clients/all.js', import.meta.url));

function cellsOf(
  programs: readonly Program[],
  isIn: (cell: Cell, prefix: string, client: Client) => boolean,
): string[] {
  return programs
    .flatMap(({ prefix, clients }) =>
      clients.flatMap((client) =>
        cells
          .filter((cell) => isIn(cell, prefix, client))
          .map((cell) => `${prefix}${client.id} ${cell}`),
      ),
    )
    .sort();
}

/** Those of WebSockets by the scheme of their handshakes. */
function urlsIn(ndjson: string): string[] {
  const lines = ndjson.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { request } = JSON.parse(line) as { request: { url: string } };
    return request.url.replace(/^ws/, 'http').replace(/\?.*/, '');
  });
}

function hostile(proxyPort: number): Record<string, string> {
  const proxy = `http://127.0.0.1:${proxyPort}`;
  return {
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    NO_PROXY: 'localhost,127.0.0.1',
    no_proxy: 'localhost,127.0.0.1',
    SSL_CERT_FILE: '/nowhere/ca.pem',
    CURL_CA_BUNDLE: '/nowhere/ca.pem',
    REQUESTS_CA_BUNDLE: '/nowhere/ca.pem',
    NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem',
    GIT_SSL_CAINFO: '/nowhere/ca.pem',
    NODE_OPTIONS: '--max-old-space-size=500 --no-warnings',
    PYTHONPATH: '/nowhere/python',
    JAVA_TOOL_OPTIONS: '-Xmx200m -Dhttp.nonProxyHosts=localhost|127.*',
    RUBYOPT: '-W0',
    PERL5OPT: '-Mstrict',
    PHP_INI_SCAN_DIR: ':/nowhere/php',
  };
}

/** A plain and a secure server, and the proxy that knows their names. */
async function startServers() {
  const answer: RequestListener = (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/plain' }).end('seen');
  };
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const plainServer = createHttpServer(answer);
  const secureServer = createSecureServer({ key, cert, allowHTTP1: true }, answer as never);
  for (const server of [plainServer, secureServer])
    new WebSocketServer({ server: server as never });
  const plain = (await listen(plainServer, 'http', '127.0.0.1')).port;
  const secure = (await listen(secureServer as never, 'https', 'localhost')).port;
  const ports = { 'plain.test:80': plain, 'secure.test:443': secure };
  return { plain, secure, proxy: await namingProxy(ports) };
}
