import { once } from 'node:events';
import {
  type Agent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { RunningProxy } from '../../src/proxy/index.ts';
import { openTunnel } from './raw-client.ts';

export type Ask = {
  readonly method?: string;
  /** Flat header lines, sent as they are; without a Host here it is the URL's. */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer | Readable;
  readonly agent?: Agent;
  /** A connection that leads to the server already. */
  readonly over?: Duplex;
};

export type Answer = {
  readonly status: number;
  readonly statusText: string;
  readonly rawHeaders: readonly string[];
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  readonly rawTrailers: readonly string[];
};

/** Sends a request through a proxy with Node's own client and reads the answer whole. */
export async function ask(
  proxy: Pick<RunningProxy, 'port'>,
  url: string,
  options: Ask = {},
): Promise<Answer> {
  const response = await askHead(proxy, url, options);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { statusCode, statusMessage, rawHeaders, rawTrailers, headers } = response;
  return {
    status: statusCode ?? 0,
    statusText: statusMessage ?? '',
    rawHeaders,
    header: (name) => headers[name]?.toString(),
    body: Buffer.concat(chunks),
    rawTrailers,
  };
}

/** Like {@link ask}, but the answer's body is the caller's to read. */
export async function askHead(
  proxy: Pick<RunningProxy, 'port'>,
  url: string,
  { method = 'GET', headers = [], body, agent, over }: Ask = {},
): Promise<IncomingMessage> {
  const target = new URL(url);
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: proxy.port,
    path: over ? url.slice(target.origin.length) : url,
    method,
    headers: hasHost(headers) ? headers : ['Host', target.host, ...headers],
    ...(over ? { createConnection: () => over } : { agent: agent ?? false }),
  };
  const request = httpRequest(options);
  onTestFinished(() => void request.destroy());
  const answered = once(request, 'response');
  if (body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)) body.pipe(request);
  else request.end(body);
  const [response] = await answered;
  return response;
}

function hasHost(headers: readonly string[]): boolean {
  return headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
}

/** Opens TLS through a tunnel, trusting the proxy's authority alone. No ALPN unless asked for. */
export async function openSecureTunnel(
  proxy: RunningProxy,
  target: string,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = await openTunnel(proxy.port, target);
  return secure(proxy, socket, target.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''), options);
}

/** Opens TLS on a connection that is there. */
export async function secure(
  proxy: RunningProxy,
  socket: Duplex,
  host: string,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const tls = connectTls({ socket, host, ca: proxy.authority.certPem, ...options });
  onTestFinished(() => void tls.destroy());
  await once(tls, 'secureConnect');
  return tls;
}

/** Runs curl through a proxy (`-x` is given by the caller), without the environment's own. */
export async function curl(...args: string[]) {
  const options = { reject: false, extendEnv: false, env: { PATH: process.env['PATH'] ?? '' } };
  const always = ['--silent', '--show-error', '--max-time', '100', '--noproxy', ''];
  const { stdout, stderr, exitCode } = await execa('curl', [...always, ...args], options);
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
}
