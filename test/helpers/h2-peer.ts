import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Place } from './cli.ts';
import { h2Scripts } from './h2-scripts.ts';
import { upstreamAuthority } from './upstream.ts';

const program = fileURLToPath(new URL('../peers/python/h2_peer.py', import.meta.url));

/** What one side received of a request: the kinds of events and what came with each. */
export type Seen = readonly (readonly [kind: string, ...more: unknown[]])[];

/** What a client received: by way and script, and there by the request's number. */
export type ClientSaw = Readonly<Record<string, Readonly<Record<string, Seen>>>>;

/** What a server received: by path, for each time that the request arrived. */
export type ServerSaw = Readonly<Record<string, readonly Seen[]>>;

type H2Server = {
  /** In clear text, over TLS, and over TLS with SETTINGS that come after the first request. */
  readonly ports: Readonly<Record<'clear' | 'tls' | 'late', number>>;
  /** Ends it when its scripts are over. */
  close(): Promise<ServerSaw>;
};

/** Starts a server that follows the scripts, on 127.0.0.1; its certificate is for `localhost`. */
export async function serveH2(python: string, place: Place): Promise<H2Server> {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const [keyFile, certFile] = [place.path('key.pem'), place.path('cert.pem')];
  await Promise.all([writeFile(keyFile, key), writeFile(certFile, cert)]);
  const args = [program, 'serve', await scriptsIn(place), certFile, keyFile];
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextLine = async () => JSON.parse((await lines.next()).value ?? 'null');
  const closed = once(child, 'close');
  return {
    ports: await nextLine(),
    async close() {
      child.stdin.end();
      const seen = await nextLine();
      await closed;
      return seen;
    },
  };
}

/** The command of a client that follows the scripts once for each address, whose path begins those of its requests. */
export async function h2Client(python: string, place: Place, urls: readonly string[]) {
  return [python, program, 'call', await scriptsIn(place), ...urls] as const;
}

/** Lets a client follow the scripts without a proxy. */
export async function callH2Directly(
  python: string,
  place: Place,
  urls: readonly string[],
): Promise<ClientSaw> {
  const [, ...args] = await h2Client(python, place, urls);
  const authority = place.path('upstream-ca.pem');
  await writeFile(authority, (await upstreamAuthority()).certPem);
  const env = { SSL_CERT_FILE: authority };
  const { stdout } = await promisify(execFile)(python, args, { env, maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

async function scriptsIn(place: Place): Promise<string> {
  const file = place.path('scripts.json');
  await writeFile(file, JSON.stringify(h2Scripts));
  return file;
}
