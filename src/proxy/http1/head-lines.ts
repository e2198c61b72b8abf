import type { Header } from '../../exchange.ts';

/** The upstream sent something other than HTTP/1.x (RFC 9112). */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
  readonly code = 'PMPROXY_PROTOCOL';
}

/** The status line of an answer (RFC 9112 4). */
export type StatusLine = {
  /** `1.0` or `1.1`. */
  readonly httpVersion: string;
  /** 100 to 999. */
  readonly status: number;
  /** The reason phrase as received, in Latin-1; empty if there is none. */
  readonly statusText: string;
};

/**
 * Reads a status line.
 *
 * @param line without its line end, in Latin-1
 * @throws ProtocolError when it is not one
 */
export function parseStatusLine(line: string): StatusLine {
  const [, minor, status, statusText = ''] = statusLine.exec(line) ?? [];
  if (status === undefined) throw new ProtocolError(`not a status line: ${quote(line)}`);
  return { httpVersion: minor === '0' ? '1.0' : '1.1', status: Number(status), statusText };
}

const statusLine = /^HTTP\/1\.(\d) +([1-9]\d\d)(?: (.*))?$/s;

/**
 * Reads field lines (RFC 9112 5). Blanks around a value and before a colon are removed, and a folded line is joined to the
 * previous one with a blank (RFC 9112 5.1, 5.2), as required of every recipient of an answer.
 *
 * @param lines without their line ends, in Latin-1
 * @throws ProtocolError when a line is invalid or has a character whose meaning would change downstream
 */
export function parseFieldLines(lines: readonly string[]): Header[] {
  const fields: [name: string, value: string][] = [];
  for (const line of lines) {
    const folded = isBlank(line.charCodeAt(0)) ? fields.at(-1) : undefined;
    if (folded !== undefined) {
      folded[1] = trimBlanks(`${folded[1]} ${trimBlanks(line, 0)}`, 0);
      if (!isFieldValue(folded[1])) throw new ProtocolError(`not a header line: ${quote(line)}`);
      continue;
    }
    const colon = line.indexOf(':');
    let end = colon;
    while (end > 0 && isBlank(line.charCodeAt(end - 1))) end -= 1;
    const name = line.slice(0, Math.max(end, 0));
    const value = trimBlanks(line, colon + 1);
    if (!isToken(name) || !isFieldValue(value))
      throw new ProtocolError(`not a header line: ${quote(line)}`);
    fields.push([name, value]);
  }
  return fields;
}

/** Whether this can be a method or the name of a field (RFC 9110 5.6.2). */
export function isToken(text: string): boolean {
  return token.test(text);
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether this can be the value of a field: tabs, blanks, visible characters, obs-text (RFC 9110 5.5). */
export function isFieldValue(text: string): boolean {
  return !outsideFieldValue.test(text);
}

const outsideFieldValue = /[^\t\x20-\x7e\x80-\xff]/;

const isBlank = (code: number) => code === 0x20 || code === 0x09;

function trimBlanks(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start += 1;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(start, end);
}

function quote(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
