import type { Header } from '../../exchange.ts';
import { ProtocolError } from './head-lines.ts';

/** How an answer's body ends: after a number of bytes (0: no body), after its last chunk, or with the connection. */
export type Framing = number | 'chunked' | 'until-close';

/** The fields of an answer that concern its connection, as lists of lower-case items. */
export type HopFields = {
  readonly lengths: readonly string[];
  readonly codings: readonly string[];
  readonly options: readonly string[];
  readonly keepAlive: readonly string[];
};

/** Collects the fields that decide where an answer ends and whether its connection is kept. */
export function hopFields(headers: readonly Header[]): HopFields {
  const fields = { lengths: none, codings: none, options: none, keepAlive: none };
  for (const [name, value] of headers) {
    // This runs for every answer; most names are of another length.
    const place = placesByLength[name.length]?.[name.toLowerCase()];
    if (place !== undefined) fields[place] = [...fields[place], ...itemsOf(value)];
  }
  return fields;
}

const none: readonly string[] = [];

const placesByLength: Readonly<Record<number, Readonly<Record<string, keyof HopFields>>>> = {
  10: { connection: 'options', 'keep-alive': 'keepAlive' },
  14: { 'content-length': 'lengths' },
  17: { 'transfer-encoding': 'codings' },
};

function itemsOf(value: string): string[] {
  const items = value.toLowerCase().split(',');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

/**
 * Determines how an answer's body ends (RFC 9112 6.3). A repeated length counts once, and the coding `identity` is ignored.
 * An answer with both a length and a coding, or with different lengths, is refused: recipients disagree on where it ends
 * (RFC 9112 11.1).
 *
 * @param method of the request
 * @throws ProtocolError when the end is ambiguous
 */
export function framingOf(method: string, status: number, fields: HopFields): Framing {
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  const codings = fields.codings.filter((coding) => coding !== 'identity');
  const lengths = new Set(fields.lengths);
  if (codings.length > 0) {
    if (lengths.size > 0) throw new ProtocolError('both a Content-Length and a Transfer-Encoding');
    const at = codings.indexOf('chunked');
    if (at === -1) return 'until-close';
    if (at === codings.length - 1) return 'chunked';
    throw new ProtocolError(`a Transfer-Encoding of ${JSON.stringify(codings.join(', '))}`);
  }
  const [length] = lengths;
  if (length === undefined) return 'until-close';
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length))
    throw new ProtocolError(`a Content-Length of ${JSON.stringify([...lengths].join(', '))}`);
  return Number(length);
}

/** Whether the connection can be reused after this answer, according to its head (RFC 9112 9.3). */
export function persists(httpVersion: string, { options }: HopFields): boolean {
  if (options.includes('close')) return false;
  return httpVersion !== '1.0' || options.includes('keep-alive');
}

/**
 * How long the connection may be kept unused, in milliseconds. If the server announces its timeout, that value is used, less
 * one second for a request that may already be in transit.
 */
export function idleMsOf({ keepAlive }: HopFields): number {
  for (const item of keepAlive) {
    const seconds = /^timeout=(\d{1,6})$/.exec(item)?.[1];
    if (seconds !== undefined) return Math.min(Math.max(Number(seconds) - 1, 0), 600) * 1000;
  }
  return defaultIdleMs;
}

const defaultIdleMs = 4000;
