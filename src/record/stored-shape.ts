import { FAILURE_KINDS } from '../exchange.ts';
import {
  count,
  having,
  listOf,
  number,
  objectOf,
  oneOf,
  optional,
  pairOf,
  type Shape,
  text,
} from './shape.ts';

const flag = optional(having((value) => value === true));
const headers = listOf(pairOf(text));

/** The name that a recording gives to the file of a body. A journal must not refer to files outside its folder. */
const BODY_FILE = /^\d+\.(?:request|response|messages)$/;

const body = objectOf({
  size: count,
  encoding: listOf(text),
  cut: flag,
  blob: optional(pairOf(count)),
  file: optional(having((value) => typeof value === 'string' && BODY_FILE.test(value))),
  arrivals: optional(listOf(pairOf(number))),
});

const answer = objectOf({
  status: count,
  statusText: text,
  httpVersion: text,
  headers,
  body: optional(body),
  trailers: optional(headers),
  informational: optional(listOf(objectOf({ status: count, headers }))),
});

const reason = objectOf({
  kind: oneOf(...FAILURE_KINDS),
  message: text,
});

const kind = objectOf({ kind: oneOf('completed', 'failed', 'aborted', 'unfinished') });
const completed = objectOf({ response: optional(answer) });
const failed = objectOf({ reason, partial: optional(answer) });
const brokenOff = objectOf({ partial: optional(answer) });

const outcome: Shape = (value) => {
  const fault = kind(value);
  if (fault !== undefined) return fault;
  const outcomeKind = (value as { readonly kind: string }).kind;
  if (outcomeKind === 'completed') return completed(value);
  return outcomeKind === 'failed' ? failed(value) : brokenOff(value);
};

/** The range of a Date (ECMA-262, 21.4.1.1). */
const moment = having((value) => typeof value === 'number' && Math.abs(value) <= 8.64e15);

const milliseconds = optional(number);

/** What a line of a journal's index must have to be restored as an exchange. */
export const storedExchange = objectOf({
  seq: count,
  id: text,
  startedAt: moment,
  request: objectOf({
    method: text,
    url: text,
    httpVersion: text,
    headers,
    body: optional(body),
    trailers: optional(headers),
  }),
  outcome,
  timings: objectOf({
    connectedMs: milliseconds,
    sentMs: milliseconds,
    headMs: milliseconds,
    endMs: number,
  }),
  connection: objectOf({ client: optional(text), upstream: optional(text) }),
  rewritten: optional(listOf(text)),
  webSocket: optional(
    objectOf({
      count,
      cut: flag,
      closed: optional(objectOf({ code: count, reason: text })),
      messages: body,
    }),
  ),
});

/** A WebSocket message as a line of JSON holds it. */
export const storedMessage = objectOf({
  from: oneOf('client', 'server'),
  at: moment,
  opcode: count,
  text: optional(text),
  base64: optional(text),
});
