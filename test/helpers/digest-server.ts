import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { httpUpstream, type Upstream } from './upstream.ts';

/** Who may come in. */
export type DigestUser = { readonly username: string; readonly password: string };

/** What a server's Digest rests on (RFC 7616, 6.1), and the hash in Node's words. */
const HASHES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

export type DigestServer = Upstream & {
  /** Method, path and status of each request, in order. */
  readonly seen: string[];
};

/**
 * Starts a server that answers whoever knows the password, and challenges everybody else (RFC 7616): with `qop=auth`, its
 * own nonces, and a count of each that has to grow.
 */
export async function startDigestServer(
  user: DigestUser,
  algorithm: keyof typeof HASHES,
): Promise<DigestServer> {
  const counts = new Map<string, number>();
  const seen: string[] = [];
  const opaque = randomBytes(8).toString('hex');
  const upstream = await httpUpstream((request, response) => {
    const isKnown = passes(request, { user, algorithm, counts, opaque });
    const status = isKnown ? 200 : 401;
    seen.push(`${request.method} ${request.url} ${status}`);
    request.resume().once('end', () => {
      if (isKnown) {
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ path: request.url, user: user.username }));
        return;
      }
      const nonce = randomBytes(16).toString('hex');
      counts.set(nonce, 0);
      const challenge = `Digest realm="staff only", qop="auth", algorithm=${algorithm}, nonce="${nonce}", opaque="${opaque}"`;
      response.writeHead(401, { 'WWW-Authenticate': challenge }).end('Who are you?');
    });
  });
  return Object.assign(Object.create(upstream), { seen });
}

type Doorkeeper = {
  readonly user: DigestUser;
  readonly algorithm: keyof typeof HASHES;
  /** The highest count that came with each nonce. */
  readonly counts: Map<string, number>;
  readonly opaque: string;
};

/** RFC 7616, 3.4.1: the response is a hash over the password, the nonce and what is asked. */
function passes(
  { method, url, headers }: IncomingMessage,
  { user, algorithm, counts, opaque }: Doorkeeper,
): boolean {
  const [, credentials] = /^Digest (.*)$/.exec(headers.authorization ?? '') ?? [];
  if (credentials === undefined) return false;
  const given = parametersIn(credentials);
  const of = (name: string) => given.get(name) ?? '';
  const hash = (text: string) => createHash(HASHES[algorithm]).update(text).digest('hex');
  const secret = hash(`${user.username}:staff only:${user.password}`);
  const asked = hash(`${method}:${url}`);
  const parts = [secret, of('nonce'), of('nc'), of('cnonce'), of('qop'), asked];
  const isRight =
    of('response') === hash(parts.join(':')) &&
    of('uri') === url &&
    of('opaque') === opaque &&
    of('algorithm') === algorithm;
  const count = Number.parseInt(of('nc'), 16);
  const isNew = count > (counts.get(of('nonce')) ?? Number.POSITIVE_INFINITY);
  if (isRight && isNew) counts.set(of('nonce'), count);
  return isRight && isNew;
}

function parametersIn(credentials: string): Map<string, string> {
  const pairs = credentials.matchAll(/(\w+)=(?:"([^"]*)"|([^\s",]+))/g);
  return new Map([...pairs].map(([, name = '', quoted, plain = '']) => [name, quoted ?? plain]));
}
