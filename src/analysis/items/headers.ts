import type { Parameter } from '../../collection.ts';
import type { Header } from '../../exchange.ts';
import { isRestrictedHeader } from '../../http/restricted-headers.ts';
import type { Secrets } from '../../secrets/secrets.ts';

export type HeaderOptions = {
  readonly restrictedHeaders: boolean;
  /** The body sets its own Content-Type: a multipart form generates its own boundary. */
  readonly ownContentType: boolean;
};

/** Framing headers that a runner writes itself: shown, but not sent. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The request headers to write, with secrets replaced; duplicates are spelled like the first. */
export function requestHeaders(
  headers: readonly Header[],
  options: HeaderOptions,
  secrets: Secrets,
): Parameter[] {
  const spelling = new Map<string, string>();
  const written: Parameter[] = [];
  for (const header of headers) {
    const name = header[0].toLowerCase();
    if (!isWritten(name, options)) continue;
    const key = spelling.get(name) ?? header[0];
    spelling.set(name, key);
    const value = secrets.header(header)[1];
    written.push(FRAMING.has(name) ? { key, value, disabled: true } : { key, value });
  }
  return written;
}

function isWritten(name: string, options: HeaderOptions): boolean {
  if (name.startsWith(':')) return false;
  if (name === 'content-type') return !options.ownContentType;
  return options.restrictedHeaders || !isRestrictedHeader(name);
}

/** Whether a header (lower case) belongs to one connection or one transfer, so that each client writes its own. */
export function isFraming(name: string): boolean {
  return FRAMING.has(name);
}

/** All headers of a response, with secrets replaced. */
export function responseHeaders(headers: readonly Header[], secrets: Secrets): Parameter[] {
  return headers
    .filter(([name]) => !name.startsWith(':'))
    .map((header) => ({ key: header[0], value: secrets.header(header)[1] }));
}
