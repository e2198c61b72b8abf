import { isUtf8 } from 'node:buffer';
import type { Header } from '../exchange.ts';
import { type ContentType, parseContentType } from './content-type.ts';

/** One part of a multipart/form-data body. */
export type FormPart = {
  /** The text between the quotes, undecoded. */
  readonly name: string;
  /** Present for a file, also undecoded; empty if no file was chosen. */
  readonly fileName?: string;
  readonly contentType?: string;
  readonly bytes: Buffer;
};

/** Headers that a runner rewrites or RFC 7578, 4.7 has deprecated: nothing is lost without them. */
const PLAIN_HEADERS = new Set(['content-length', 'content-transfer-encoding']);

/**
 * Parses a multipart/form-data body (RFC 7578).
 *
 * @returns undefined if the parts would lose something: broken framing, a preamble, headers of other names, text
 *   in the heads that is not UTF-8
 */
export function parseFormParts(body: Buffer, boundary: string): FormPart[] | undefined {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  if (body.indexOf(delimiter.subarray(2)) !== 0) return undefined;
  const parts: FormPart[] = [];
  let start = delimiter.length - 2;
  while (body.indexOf('\r\n', start, 'latin1') === start) {
    const end = body.indexOf(delimiter, start + 2);
    if (end < 0) return undefined;
    const part = parsePart(body.subarray(start + 2, end));
    if (part === undefined) return undefined;
    parts.push(part);
    start = end + delimiter.length;
  }
  const rest = body.toString('latin1', start);
  return rest === '--' || rest === '--\r\n' ? parts : undefined;
}

/** A longer head is data. A regular expression has memory for some million steps. */
const LONGEST_HEAD = 64 * 1024;

function parsePart(part: Buffer): FormPart | undefined {
  const end = part.indexOf('\r\n\r\n');
  if (end < 0 || end > LONGEST_HEAD || !isUtf8(part.subarray(0, end))) return undefined;
  const headers = parseHead(part.toString('utf8', 0, end));
  const disposition = headers?.get('content-disposition');
  if (headers === undefined || disposition === undefined) return undefined;
  const names = parseDisposition(disposition);
  const contentType = headers.get('content-type');
  if (names === undefined) return undefined;
  return {
    ...names,
    ...(contentType === undefined ? {} : { contentType }),
    bytes: part.subarray(end + 4),
  };
}

function parseHead(head: string): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n')) {
    const header = parseLine(line);
    if (header === undefined || headers.has(header[0])) return undefined;
    if (!PLAIN_HEADERS.has(header[0])) headers.set(...header);
  }
  const known = ['content-disposition', 'content-type'];
  return [...headers.keys()].every((name) => known.includes(name)) ? headers : undefined;
}

function parseLine(line: string): [...Header] | undefined {
  const colon = line.indexOf(':');
  return colon < 1 ? undefined : [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

const DISPOSITION =
  /^form-data;\s*name="((?:[^"\\]|\\.)*)"(?:;\s*filename="((?:[^"\\]|\\.)*)"(?:;\s*filename\*=[^;]*)?)?$/i;

function parseDisposition(value: string): { name: string; fileName?: string } | undefined {
  const match = DISPOSITION.exec(value);
  if (match === null) return undefined;
  const [, name = '', fileName] = match;
  return fileName === undefined ? { name } : { name, fileName };
}

/** The place of a form field's value in the body. */
export type FieldRange = {
  readonly name: string;
  readonly type: ContentType | undefined;
  readonly start: number;
  readonly end: number;
};

const NAME = /;[ \t]*name="?([^";\r\n]*)/i;

/** Finds the values of a multipart/form-data body, even if its heads or end are malformed. */
export function formFieldRanges(body: Buffer, boundary: string): FieldRange[] {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const ranges: FieldRange[] = [];
  let at = body.indexOf(delimiter);
  while (at >= 0) {
    const next = body.indexOf(delimiter, at + delimiter.length);
    const end = next < 0 ? body.length : next - (body[next - 2] === 0x0d ? 2 : 1);
    // Search this part only, so that all parts without heads together cost one pass.
    const headLength = body.subarray(at, end).indexOf('\r\n\r\n');
    if (headLength >= 0) {
      const head = body.toString('utf8', at + delimiter.length, at + headLength);
      const name = NAME.exec(head)?.[1] ?? '';
      ranges.push({ name, type: typeOf(head), start: at + headLength + 4, end });
    }
    at = next;
  }
  return ranges;
}

function typeOf(head: string): ContentType | undefined {
  const value = /^content-type:([^\r\n]*)/im.exec(head)?.[1];
  return value === undefined ? undefined : parseContentType(value);
}
