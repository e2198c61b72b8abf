import { type Header, headerValue, type RecordedResponse } from '../exchange.ts';
import { asBuffer } from '../http/body-text.ts';

/** A replayed answer. */
export type GivenAnswer = {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
  readonly trailers: readonly Header[];
};

/** The headers that frame a message, which are generated anew (RFC 9112, 6; RFC 9110, 7.6.1). */
const FRAMING = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * A recorded answer for a request: whole, as 304 if the client already has it (RFC 9110, 13), or the requested part
 * (RFC 9110, 14).
 */
export async function givenAnswer(
  recorded: RecordedResponse,
  method: string,
  asked: readonly Header[],
): Promise<GivenAnswer> {
  const { status, statusText, body: kept, trailers = [] } = recorded;
  const body = asBuffer((await kept?.bytes()) ?? new Uint8Array());
  const headers = framedAnew(recorded, method, body);
  const whole = { status, statusText, headers, body, trailers };
  if (status !== 200 || (method !== 'GET' && method !== 'HEAD')) return whole;
  if (isUnchanged(headers, asked)) return notModified(whole);
  return method === 'GET' ? (partOf(whole, asked) ?? whole) : whole;
}

/** The header lines that fit the stored bytes: some recordings store them decoded. */
function framedAnew(
  { status, headers, body: kept }: RecordedResponse,
  method: string,
  body: Buffer,
) {
  const isDecoded = kept !== undefined && kept.encoding.length === 0;
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  return sendableLines(headers).flatMap(([name, value]): Header[] => {
    const key = name.toLowerCase();
    if (FRAMING.has(key) || (key === 'content-encoding' && isDecoded && hasBody)) return [];
    if (key === 'content-length' && hasBody) return [[name, String(body.length)]];
    return [[name, value]];
  });
}

const NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/g;

/**
 * The valid header lines (RFC 9110, 5.1 and 5.5), one character per byte. Recordings of other programs contain values
 * decoded as UTF-8, and arbitrary other text.
 */
export function sendableLines(headers: readonly Header[]): Header[] {
  return headers
    .filter(([name]) => NAME.test(name))
    .map(([name, value]) => [name, inBytes(value).replace(CONTROL, ' ')]);
}

function inBytes(value: string): string {
  return /[^\0-\xff]/.test(value) ? Buffer.from(value).toString('latin1') : value;
}

/** RFC 9110, 13.1.2 and 13.1.3; the second is used only without the first. */
function isUnchanged(headers: readonly Header[], asked: readonly Header[]): boolean {
  const tags = headerValue(asked, 'if-none-match');
  if (tags !== undefined) {
    const own = headerValue(headers, 'etag');
    if (tags.trim() === '*') return true;
    return own !== undefined && tags.split(',').some((tag) => weak(tag) === weak(own));
  }
  const since = Date.parse(headerValue(asked, 'if-modified-since') ?? '');
  const modified = Date.parse(headerValue(headers, 'last-modified') ?? '');
  return modified <= since;
}

function weak(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}

/** RFC 9110, 15.4.5. */
const KEPT_WITH_304 =
  /^(?:cache-control|content-location|date|etag|expires|vary|set-cookie|last-modified|access-control-.*)$/i;

function notModified({ headers }: GivenAnswer): GivenAnswer {
  const kept = headers.filter(([name]) => KEPT_WITH_304.test(name));
  return { status: 304, statusText: 'Not Modified', headers: kept, body: EMPTY, trailers: [] };
}

const EMPTY = Buffer.alloc(0);

/** One byte range; multiple ranges, other units and invalid ones get the whole content, as allowed (RFC 9110, 14.2). */
function partOf(whole: GivenAnswer, asked: readonly Header[]): GivenAnswer | undefined {
  const range = /^bytes=(\d*)-(\d*)$/.exec(headerValue(asked, 'range')?.trim() ?? '');
  if (range === null || !mayBePart(whole.headers, asked)) return undefined;
  const [, first = '', last = ''] = range;
  if (first === '' && last === '') return undefined;
  const { length } = whole.body;
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const end = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1);
  const rest = whole.headers.filter(([name]) => !/^content-(?:length|range)$/i.test(name));
  if (start >= length || start > end) {
    const headers: Header[] = [
      ...rest,
      ['Content-Range', `bytes */${length}`],
      ['Content-Length', '0'],
    ];
    return { status: 416, statusText: 'Range Not Satisfiable', headers, body: EMPTY, trailers: [] };
  }
  const body = whole.body.subarray(start, end + 1);
  const headers: Header[] = [
    ...rest,
    ['Content-Range', `bytes ${start}-${end}/${length}`],
    ['Content-Length', String(body.length)],
  ];
  return { ...whole, status: 206, statusText: 'Partial Content', headers, body };
}

/** RFC 9110, 13.1.5. */
function mayBePart(headers: readonly Header[], asked: readonly Header[]): boolean {
  const condition = headerValue(asked, 'if-range');
  if (condition === undefined) return true;
  return [headerValue(headers, 'etag'), headerValue(headers, 'last-modified')].includes(condition);
}
