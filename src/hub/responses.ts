import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The headers of every response: recorded content is not run, framed, disclosed to other sites or cached. */
const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

type Extra = Readonly<Record<string, string>>;

/** Sets the headers that every response has. */
export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** Responds with bytes or text. */
export function respond(
  response: ServerResponse,
  status: number,
  mediaType: string,
  body: string | Buffer,
  extra: Extra = {},
): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, { 'content-type': mediaType, 'content-length': length, ...extra });
  response.end(body);
}

/** Responds with a sentence for a person. */
export function respondText(
  response: ServerResponse,
  status: number,
  words: string,
  extra: Extra = {},
): void {
  respond(response, status, 'text/plain; charset=utf-8', `${words}\n`, extra);
}

/** Responds with an error, as JSON for the page. */
export function respondError(response: ServerResponse, status: number, error: string): void {
  respond(response, status, 'application/json', JSON.stringify({ error }));
}

/**
 * Streams a body as fast as the client reads it.
 *
 * @throws the error of the source; a response that has begun is then aborted, so that it does not look complete
 */
export async function respondStream(
  response: ServerResponse,
  head: Extra,
  chunks: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    for await (const chunk of chunks) {
      if (!response.headersSent) response.writeHead(200, head);
      if (gone.signal.aborted) return;
      if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal });
    }
    if (!response.headersSent) response.writeHead(200, head);
    response.end();
  } catch (error) {
    // The client has disconnected.
    if (gone.signal.aborted) return;
    if (response.headersSent) response.destroy();
    throw error;
  }
}

/** Refuses an upgrade before it happens. */
export function refuseUpgrade(socket: Duplex, status: number, words: string): void {
  const body = `${words}\n`;
  // A client that does not close its end would keep the connection open.
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
