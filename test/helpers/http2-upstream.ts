import {
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
  type ServerHttp2Session,
} from 'node:http2';
import { onTestFinished } from 'vitest';
import { listen, type Upstream, upstreamAuthority } from './upstream.ts';

export type Http2Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A server that speaks HTTP/2; it is gone when the test is over. */
export type Http2Upstream = Upstream & {
  readonly server: Http2Server;
  /** Sessions that are open now. */
  readonly sessions: ReadonlySet<ServerHttp2Session>;
};

/** Starts a server for `localhost` that speaks HTTP/2 over TLS; HTTP/1.1 too where `allowHTTP1` says so. */
export async function secureHttp2Upstream(
  handler: Http2Handler,
  options: SecureServerOptions = {},
): Promise<Http2Upstream> {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const server = createSecureServer({ key, cert, ...options }, handler);
  return started(server as unknown as Http2Server, 'https', 'localhost');
}

/** Starts a server that speaks HTTP/2 in clear text, and nothing else. */
export async function clearHttp2Upstream(
  handler: Http2Handler,
  options: Parameters<typeof createServer>[0] = {},
): Promise<Http2Upstream> {
  return started(createServer(options, handler), 'http', '127.0.0.1');
}

async function started(server: Http2Server, scheme: string, name: string): Promise<Http2Upstream> {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream) => stream.on('error', () => {}));
  server.on('sessionError', () => {});
  const upstream = await listen(server as never, scheme, name);
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
  });
  const more = { server, sessions };
  return Object.assign(Object.create(upstream), more) as Http2Upstream;
}
