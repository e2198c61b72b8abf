import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Header } from '../../src/exchange.ts';

/** A request as a server saw it. */
export type SeenRequest = {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
};

/** Writes down every request; answers `/redirect` with a redirect that must not be followed, the rest with a cookie. */
export async function startEchoServer(): Promise<{ origin: string; seen: SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => void answer(request, response, seen));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  seen: SeenRequest[],
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = '', url: target = '', rawHeaders } = request;
  seen.push({ method, target, headers: pairs(rawHeaders), body: Buffer.concat(chunks) });
  // A runner ends when its last connection does.
  response.setHeader('connection', 'close');
  if (target.startsWith('/redirect'))
    response.writeHead(302, { location: '/must-not-be-followed' });
  else response.setHeader('set-cookie', 'visited=yes; Path=/');
  response.end('seen');
}

function pairs(raw: readonly string[]): Header[] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as const] : []));
}
