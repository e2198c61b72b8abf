import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { RunningProxy } from '../../src/proxy/index.ts';
import { openSecureTunnel } from './http-client.ts';
import { openTunnel } from './raw-client.ts';
import type { Upstream } from './upstream.ts';

type Target = Pick<Upstream, 'host' | 'url'>;

/**
 * Opens an HTTP/2 session to a server through a tunnel of the proxy: over TLS, or in clear text where the server's URL is
 * `http:`. It is gone when the test is over.
 */
export async function http2Session(
  proxy: RunningProxy,
  upstream: Target,
): Promise<ClientHttp2Session> {
  const socket = upstream.url.startsWith('https:')
    ? await openSecureTunnel(proxy, upstream.host, { ALPNProtocols: ['h2'] })
    : await openTunnel(proxy.port, upstream.host);
  return closing(connect(upstream.url, { createConnection: () => socket }));
}

/** Opens an HTTP/2 session to the proxy itself; each request names its server with `:authority`. */
export function http2SessionTo(proxy: Pick<RunningProxy, 'url'>): ClientHttp2Session {
  return closing(connect(proxy.url));
}

function closing(session: ClientHttp2Session): ClientHttp2Session {
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

export type Http2Answer = {
  readonly headers: IncomingHttpHeaders & { ':status'?: number };
  readonly trailers: IncomingHttpHeaders | undefined;
  readonly body: string;
};

/** Sends a request and reads its answer whole. */
export async function askHttp2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
  body?: string | Buffer,
): Promise<Http2Answer> {
  const stream = session.request({ ':path': '/', ...headers }, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return answerTo(stream);
}

/** Reads the answer to a request whole. */
export async function answerTo(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let trailers: IncomingHttpHeaders | undefined;
  stream.once('trailers', (lines) => {
    trailers = lines;
  });
  const [[headers], body] = await Promise.all([once(stream, 'response'), buffer(stream)]);
  return { headers, trailers, body: body.toString() };
}
