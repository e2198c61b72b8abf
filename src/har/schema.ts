import { z } from 'zod';
import { FAILURE_KINDS } from '../exchange.ts';
import { readAs } from './reading.ts';

/**
 * The members read from any program's entry. Only the time, the method and the URL are required. The rest may be
 * missing, and unneeded members may have any value.
 */
/** Any value; checked where it is used. */
const anything = z.unknown().optional();
const nameValue = z.object({ name: z.string(), value: anything });
/** Some programs write a list for a repeated header, and numbers as values. */
const headers = z
  .array(nameValue)
  .nullish()
  .transform((list) => list ?? []);
const failure = z.object({
  kind: z.enum(FAILURE_KINDS),
  message: z.string(),
});
const outcomeKind = z.enum(['completed', 'failed', 'aborted', 'unfinished']);
// The default spares absent values `catch`, which costs as much as a reported error.
const numberOr = (fallback: number) => z.number().default(fallback).catch(fallback);
const textOrNone = z.string().default('').catch('');
const flag = z.literal(true).optional().catch(undefined);
const codings = z.array(z.string()).optional();

const params = z.array(
  z.object({
    name: z.string(),
    value: anything,
    fileName: z.string().nullish(),
    contentType: z.string().nullish(),
  }),
);

const postData = z.object({
  mimeType: textOrNone,
  text: z.string().nullish(),
  params: params.nullish(),
  encoding: z.string().nullish(),
  _encoding: z.string().optional(),
  _codings: codings,
  _cut: flag,
});

const content = z.object({
  size: numberOr(0),
  compression: numberOr(0),
  mimeType: textOrNone,
  text: z.string().nullish(),
  encoding: z.string().nullish(),
  _codings: codings,
  _cut: flag,
});

const optionalText = z.string().nullish().catch(undefined);
const cookie = z.object({
  name: z.string(),
  value: anything,
  path: optionalText,
  domain: optionalText,
  expires: optionalText,
  httpOnly: z.boolean().nullish().catch(undefined),
  secure: z.boolean().nullish().catch(undefined),
  sameSite: optionalText,
});

const response = z.object({
  status: anything.transform(statusOf),
  statusText: textOrNone,
  httpVersion: textOrNone,
  headers,
  cookies: anything,
  content: content.nullish(),
  bodySize: numberOr(-1),
  _error: z.string().nullish().catch(undefined),
  /** As Playwright writes it. */
  _failureText: z.string().nullish().catch(undefined),
  _trailers: z.array(nameValue).optional(),
  _informational: z.array(z.object({ status: z.number(), headers })).optional(),
});

/** A URL with a scheme and a host, which may be variables. */
const ABSOLUTE = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]|.*\{\{)/i;

const grpc = z.object({
  protocol: z.enum(['grpc', 'grpc-web', 'connect']),
  service: z.string(),
  method: z.string(),
  status: z
    .object({
      code: z.number(),
      name: z.string(),
      message: z.string().optional(),
      details: z.array(z.unknown()).optional(),
    })
    .optional(),
  messages: z.array(
    z.object({
      from: z.enum(['client', 'server']),
      at: z.number().optional().catch(undefined),
      type: z.string().optional(),
      json: anything,
      base64: z.string().optional(),
      note: z.string().optional(),
    }),
  ),
  notes: z.array(z.string()).optional(),
  leftOut: z.array(z.enum(['request', 'response'])).optional(),
});

const entrySchema = z.object({
  startedDateTime: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), { error: 'is not a date' }),
  time: numberOr(-1),
  request: z.object({
    method: z.string().min(1, 'is empty'),
    url: z.string().min(1, 'is empty').regex(ABSOLUTE, 'is not an absolute URL'),
    httpVersion: textOrNone,
    headers,
    queryString: anything,
    cookies: anything,
    postData: postData.nullish(),
    /** A binary body, as HTTP Toolkit writes it. */
    _content: z
      .object({ text: z.string(), encoding: z.string().nullish() })
      .optional()
      .catch(undefined),
    bodySize: numberOr(-1),
    _trailers: z.array(nameValue).optional(),
  }),
  response: response.nullish(),
  timings: anything,
  serverIPAddress: z.string().optional().catch(undefined),
  _serverPort: z.number().optional().catch(undefined),
  _id: z.string().optional().catch(undefined),
  _outcome: z
    .union([
      z.object({ kind: outcomeKind, reason: failure.optional() }),
      outcomeKind.transform((kind) => ({ kind, reason: undefined })),
    ])
    .optional()
    // Other programs may use it differently; the response has the information too.
    .catch(undefined),
  _connection: z
    .object({ client: z.string().optional(), upstream: z.string().optional() })
    .optional(),
  _timings: z
    .object({
      connectedMs: z.number().optional(),
      sentMs: z.number().optional(),
      headMs: z.number().optional(),
      endMs: z.number(),
    })
    .optional(),
  _webSocket: z
    .object({
      count: z.number(),
      cut: flag,
      closed: z.object({ code: z.number(), reason: z.string() }).optional(),
    })
    .optional(),
  _webSocketMessages: z
    .array(
      z.object({
        type: z.enum(['send', 'receive']),
        time: z.number(),
        opcode: z.number(),
        data: z.string(),
      }),
    )
    .nullish(),
  _grpc: grpc.optional().catch(undefined),
  _rewritten: z.array(z.string()).optional(),
});

const cookies = z.array(cookie).catch([]);
const pairs = z.array(nameValue).catch([]);

/** Reads a list of cookies; empty for any other value. */
export function readCookies(value: unknown): readonly ReadCookie[] {
  return value === undefined ? [] : cookies.parse(value);
}

/** Reads a list of names and values; empty for any other value. */
export function readPairs(value: unknown): ReadHeaders {
  return value === undefined ? [] : pairs.parse(value);
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

export type ReadEntry = z.infer<typeof entrySchema>;
export type ReadRequest = ReadEntry['request'];
export type ReadResponse = z.infer<typeof response>;
export type ReadPostData = z.infer<typeof postData>;
export type ReadContent = z.infer<typeof content>;
export type ReadParams = z.infer<typeof params>;
export type ReadCookie = z.infer<typeof cookie>;
export type ReadHeaders = z.infer<typeof headers>;

/**
 * Reads an entry that any program wrote.
 *
 * @param path its location, `log.entries[3]`, for the message
 * @throws UserError that names the first required member that is missing or of another type
 */
export function readEntry(entry: unknown, path: string): ReadEntry {
  return readAs(entrySchema, entry, path);
}
