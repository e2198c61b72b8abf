import { FAILURE_KINDS } from '../exchange.ts';
import {
  anything,
  boolean,
  either,
  listOf,
  mapped,
  members,
  nullish,
  number,
  oneOf,
  optional,
  orElse,
  type Read,
  readAs,
  text,
  textThat,
} from './reading.ts';

/**
 * The members read from any program's entry. Only the time, the method and the URL are required. The rest may be
 * missing, and unneeded members may have any value.
 */
const nameValue = members({ name: text, value: anything });
/** Some programs write a list for a repeated header, and numbers as values. */
const headers = mapped(nullish(listOf(nameValue)), (list) => list ?? []);
const failure = members({
  kind: oneOf(FAILURE_KINDS),
  message: text,
});
const outcomeKind = oneOf(['completed', 'failed', 'aborted', 'unfinished']);
const numberOr = (fallback: number) => orElse(number, fallback);
const textOrNone = orElse(text, '');
const flag = orElse(
  mapped(boolean, (value) => value || undefined),
  undefined,
);
const codings = optional(listOf(text));

const params = listOf(
  members({
    name: text,
    value: anything,
    fileName: nullish(text),
    contentType: nullish(text),
  }),
);

const postData = members({
  mimeType: textOrNone,
  text: nullish(text),
  params: nullish(params),
  encoding: nullish(text),
  _encoding: optional(text),
  _codings: codings,
  _cut: flag,
});

const content = members({
  size: numberOr(0),
  compression: numberOr(0),
  mimeType: textOrNone,
  text: nullish(text),
  encoding: nullish(text),
  _codings: codings,
  _cut: flag,
});

const optionalText = orElse(nullish(text), undefined);
const cookie = members({
  name: text,
  value: anything,
  path: optionalText,
  domain: optionalText,
  expires: optionalText,
  httpOnly: orElse(nullish(boolean), undefined),
  secure: orElse(nullish(boolean), undefined),
  sameSite: optionalText,
});

const response = members({
  status: mapped(anything, statusOf),
  statusText: textOrNone,
  httpVersion: textOrNone,
  headers,
  cookies: anything,
  content: nullish(content),
  bodySize: numberOr(-1),
  _error: orElse(nullish(text), undefined),
  /** As Playwright writes it. */
  _failureText: orElse(nullish(text), undefined),
  _trailers: optional(listOf(nameValue)),
  _informational: optional(listOf(members({ status: number, headers }))),
});

/** A URL with a scheme and a host, which may be variables. */
const ABSOLUTE = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]|.*\{\{)/i;

const grpc = members({
  protocol: oneOf(['grpc', 'grpc-web', 'connect']),
  service: text,
  method: text,
  status: optional(
    members({
      code: number,
      name: text,
      message: optional(text),
      details: optional(listOf(anything)),
    }),
  ),
  messages: listOf(
    members({
      from: oneOf(['client', 'server']),
      at: orElse(number, undefined),
      type: optional(text),
      json: anything,
      base64: optional(text),
      note: optional(text),
    }),
  ),
  notes: optional(listOf(text)),
  leftOut: optional(listOf(oneOf(['request', 'response']))),
});

const entrySchema = members({
  startedDateTime: textThat((text) =>
    Number.isNaN(Date.parse(text)) ? 'is not a date' : undefined,
  ),
  time: numberOr(-1),
  request: members({
    method: textThat((text) => (text === '' ? 'is empty' : undefined)),
    url: textThat(urlFault),
    httpVersion: textOrNone,
    headers,
    queryString: anything,
    cookies: anything,
    postData: nullish(postData),
    /** A binary body, as HTTP Toolkit writes it. */
    _content: orElse(members({ text, encoding: nullish(text) }), undefined),
    bodySize: numberOr(-1),
    _trailers: optional(listOf(nameValue)),
  }),
  response: nullish(response),
  timings: anything,
  serverIPAddress: orElse(text, undefined),
  _serverPort: orElse(number, undefined),
  _id: orElse(text, undefined),
  // Other programs may use it differently; the response has the information too.
  _outcome: orElse(
    either(
      members({ kind: outcomeKind, reason: optional(failure) }),
      mapped(outcomeKind, (kind) => ({ kind, reason: undefined })),
    ),
    undefined,
  ),
  _connection: optional(members({ client: optional(text), upstream: optional(text) })),
  _timings: optional(
    members({
      connectedMs: optional(number),
      sentMs: optional(number),
      headMs: optional(number),
      endMs: number,
    }),
  ),
  _webSocket: optional(
    members({
      count: number,
      cut: flag,
      closed: optional(members({ code: number, reason: text })),
    }),
  ),
  _webSocketMessages: nullish(
    listOf(
      members({
        type: oneOf(['send', 'receive']),
        time: number,
        opcode: number,
        data: text,
      }),
    ),
  ),
  _grpc: orElse(grpc, undefined),
  _rewritten: optional(listOf(text)),
});

const cookies = orElse(listOf(cookie), []);
const pairs = orElse(listOf(nameValue), []);

/** Reads a list of cookies; empty for any other value. */
export function readCookies(value: unknown): readonly ReadCookie[] {
  return readAs(cookies, value, 'cookies');
}

/** Reads a list of names and values; empty for any other value. */
export function readPairs(value: unknown): ReadHeaders {
  return readAs(pairs, value, 'pairs');
}

/** Whether a URL is one that an entry can have. */
export function isAbsolute(url: string): boolean {
  return ABSOLUTE.test(url);
}

function urlFault(url: string): string | undefined {
  if (url === '') return 'is empty';
  return isAbsolute(url) ? undefined : 'is not an absolute URL';
}

/** A status as a number, which some programs write as text; undefined if there is none. */
function statusOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const digits = typeof value === 'string' ? /^\s*(\d{3})\b/.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

/** Converts a value that should be a string. */
export function textOfValue(value: unknown): string {
  if (typeof value === 'string') return value;
  return value == null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export type ReadEntry = Read<typeof entrySchema>;
export type ReadRequest = ReadEntry['request'];
export type ReadResponse = Read<typeof response>;
export type ReadPostData = Read<typeof postData>;
export type ReadContent = Read<typeof content>;
export type ReadParams = Read<typeof params>;
export type ReadCookie = Read<typeof cookie>;
export type ReadHeaders = Read<typeof headers>;

/**
 * Reads an entry that any program wrote.
 *
 * @param path its location, `log.entries[3]`, for the message
 * @throws UserError that names the first required member that is missing or of another type
 */
export function readEntry(entry: unknown, path: string): ReadEntry {
  return readAs(entrySchema, entry, path);
}
