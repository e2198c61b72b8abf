import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonProgram } from './clients.ts';
import { upstreamAuthority } from './upstream.ts';

/** The folder of the peers; its `install.sh` builds them. */
const folder = fileURLToPath(new URL('../peers', import.meta.url));
const file = (name: string) => join(folder, name);

/** The service of all peers. */
export const ECHO_PROTO = file('echo.proto');

/** A program that serves and calls test/peers/echo.proto in its language. */
export type Peer = {
  readonly name: string;
  /** The file that shows that it is built. */
  readonly built: string;
  command(): Promise<readonly string[]>;
  readonly env?: Readonly<Record<string, string>>;
};

const all: readonly Peer[] = [
  {
    name: 'Go',
    built: file('go/build/peer'),
    command: async () => [file('go/build/peer')],
  },
  {
    name: 'Python',
    built: file('python/build/grpc'),
    command: async () => [await pythonProgram(), file('python/peer.py')],
    // Its C core logs what every test expects.
    env: { PYTHONPATH: file('python/build'), GRPC_VERBOSITY: 'NONE' },
  },
  {
    name: 'Java',
    built: file('java/build/classes/Peer.class'),
    command: async () => ['java', 'Peer'],
    env: { CLASSPATH: [file('java/build/lib/*'), file('java/build/classes')].join(delimiter) },
  },
  {
    name: 'Node',
    built: file('node/peer.js'),
    command: async () => [process.execPath, file('node/peer.js')],
  },
];

/** The peers that are built here. */
export const peers = all.filter(({ built }) => existsSync(built));

/** The names of the others. */
export const missingPeers = all.filter((peer) => !peers.includes(peer)).map(({ name }) => name);

/** The server of a peer, in clear text and over TLS. */
export type PeerServer = {
  readonly clear: number;
  readonly tls: number;
  close(): Promise<void>;
};

/** Starts a server of a peer on 127.0.0.1; the certificate is for `localhost`. `serve-web` is Go's alone, over TLS. */
export async function servePeer(
  peer: Peer,
  scratch: string,
  service: 'serve' | 'serve-web' = 'serve',
): Promise<PeerServer> {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const [keyFile, certFile] = [join(scratch, 'key.pem'), join(scratch, 'cert.pem')];
  await Promise.all([writeFile(keyFile, key), writeFile(certFile, cert)]);
  const [program = '', ...args] = await peer.command();
  const env = { PATH: process.env['PATH'], HOME: scratch, ...peer.env };
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  const child = spawn(program, [...args, service, certFile, keyFile], { env, stdio: [...stdio] });
  const ports = await firstLine(peer, child);
  const closed = once(child, 'close');
  return {
    ...ports,
    async close() {
      child.stdin.end();
      await closed;
    },
  };
}

async function firstLine(peer: Peer, child: ChildProcess): Promise<{ clear: number; tls: number }> {
  if (child.stdout === null) throw new TypeError('Its output is not piped.');
  const lines = createInterface(child.stdout);
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(`The server in ${peer.name} ended with ${code}.`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  ended.catch(() => {});
  return JSON.parse(line);
}

/** Lets a peer call these addresses without a proxy; gives what came of each, see {@link outcomes}. */
export async function callDirectly(
  peer: Peer,
  addresses: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<unknown[]> {
  const [program = '', ...args] = await peer.command();
  const { stdout } = await promisify(execFile)(program, [...args, 'call', ...addresses], {
    env: { PATH: process.env['PATH'], ...peer.env, ...env },
  });
  return outcomes(stdout);
}

/** Reads the lines that a client wrote, one for each address. */
export function outcomes(stdout: string): unknown[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
