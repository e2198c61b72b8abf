import { z } from 'zod';
import type { HarEntry } from '../../har/types.ts';
import { streamPart } from './stream-part.ts';

/**
 * The words between a proxy and a running client: JSON in text frames over a WebSocket that the proxy opens at `/capture`,
 * its token in `Authorization: Bearer …` or `?token=…`. Both ends check what they get: unknown fields are ignored, an
 * unknown type or a value that is none ends the connection.
 *
 * The proxy says hello. The client may say which filters hold and that it pauses, so that they do from the first exchange
 * on; then it says welcome, with the highest seq that it has stored of this session, and the proxy goes on behind it. The
 * client acknowledges what it has stored; the proxy sends so far ahead of that and no further. After bye nothing more will
 * come of the session. A new connection begins without filters and without a pause.
 *
 * Where hello and welcome both say `streams`, the proxy also shows streams while they run. These messages are a view and
 * never the record: they have no seq, are not acknowledged, and are dropped when the client does not keep up.
 */

/** The number that both ends must agree on. */
export const protocolVersion = 1;

/** How long each end waits for the first message of the other: the hello, and the welcome that answers it. */
export const handshakeTimeoutMs = 10_000;

/** Frames beyond this close their connection; a proxy cuts bodies so that no event needs more. */
export const maxFrameBytes = 64 * 1024 * 1024;

/** What a proxy keeps of each body at most: both bodies of an exchange, in base64, fit into a frame. */
export const maxBodyBytes = maxFrameBytes / 4;

/** Parts of a stream in one message. */
export const maxPartsAtOnce = 500;

/** Lines of a mark, and characters of a line. */
export const maxMarkLines = 50;
export const maxMarkLength = 2000;

/** Characters of a session's name. */
export const maxNameLength = 200;

const seq = z.int().min(0);
const nameValue = z.looseObject({ name: z.string(), value: z.string() });

/** How the call compares with a recording, where the proxy knows: what is missing or differs, a line each. */
const mark = z.object({
  kind: z.enum(['answered', 'missed', 'differs']),
  words: z.array(z.string().max(maxMarkLength)).max(maxMarkLines),
});

/** What a client needs of a HAR entry; the rest passes through as it is. */
const entry = z.looseObject({
  startedDateTime: z.string(),
  time: z.number(),
  request: z.looseObject({
    method: z.string(),
    url: z.string(),
    headers: z.array(nameValue),
    postData: z.looseObject({ mimeType: z.string(), text: z.string().optional() }).optional(),
  }),
  response: z.looseObject({
    status: z.int(),
    headers: z.array(nameValue),
    content: z.looseObject({ mimeType: z.string(), text: z.string().optional() }),
  }),
  _marks: z.array(mark).max(3).optional(),
}) as unknown as z.ZodType<HarEntry>;

/** A list, or one alone. */
function oneOrMore(item: z.ZodType<string>) {
  return z.union([z.array(item).max(1000), item.transform((alone) => [alone])]).optional();
}

const patterns = oneOrMore(z.string().max(10_000));
const statuses = oneOrMore(z.union([z.string().max(10_000), z.int().transform(String)]));

/** What the page lets through: it chooses what is pushed, never what is recorded. All must hold. */
export const pushFilters = z.object({
  /** As `--url` and `--not-url` take them. */
  url: patterns,
  notUrl: patterns,
  methods: patterns,
  /** `2xx`, `404`, `500-503`; also the number. */
  status: statuses,
  /** As `--type` takes them; `type` is what the message goes under. */
  kinds: patterns,
});

const session = z.object({
  /** Unique to this recording, the same after a reconnect. */
  id: z.string().min(1).max(200),
  name: z.string().max(maxNameLength),
  startedAt: z.string(),
  version: z.string(),
  /** Where it listens, to be shown to whoever has traffic to send: `http://127.0.0.1:8080`. */
  proxy: z.string().max(300).optional(),
});

const key = z.string().min(1).max(200);

/** What a proxy sends to a client. */
export const proxyMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number(),
    session,
    /** The lowest seq that can still be sent, where that is not 1. */
    from: seq.optional(),
    /** It can show streams while they run. */
    streams: z.boolean().optional(),
  }),
  z.object({ type: z.literal('exchange'), seq: seq.min(1), exchange: entry }),
  /** A stream's answer has begun. The `_id` of the exchange that it becomes is `key`. */
  z.object({
    type: z.literal('begun'),
    key,
    kind: z.enum(['events', 'socket', 'grpc', 'lines']),
    exchange: entry,
  }),
  z.object({
    type: z.literal('part'),
    key,
    parts: z.array(streamPart).max(maxPartsAtOnce),
    /** How many parts before these were dropped. */
    dropped: z.int().min(0).optional(),
    /** The stream has ended; its exchange follows or has come already. */
    ended: z.boolean().optional(),
  }),
  z.object({ type: z.literal('bye'), last: seq }),
]);

/** What a client sends to a proxy. */
export const clientMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    protocol: z.number(),
    last: seq,
    /** It wants to be shown streams while they run. */
    streams: z.boolean().optional(),
  }),
  z.object({ type: z.literal('ack'), seq }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('resume') }),
  pushFilters.extend({ type: z.literal('filters') }),
]);

/**
 * Reads one frame.
 *
 * @returns the message, or in a few words why it is none
 */
export function readMessage<T>(schema: z.ZodType<T>, text: string): { message: T } | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  return checkMessage(schema, value);
}

/** Like {@link readMessage}, for a frame that is parsed already. */
export function checkMessage<T>(schema: z.ZodType<T>, value: unknown): { message: T } | string {
  const { success, data, error } = schema.safeParse(value);
  if (success) return { message: data };
  const issue = error.issues[0];
  return `${issue?.path.join('.') || 'the message'}: ${issue?.message ?? 'not understood'}`;
}

export type ProxyMessage = z.infer<typeof proxyMessage>;
export type ClientMessage = z.infer<typeof clientMessage>;
export type PushFilters = z.infer<typeof pushFilters>;
export type Session = z.infer<typeof session>;
