import {
  type Body,
  type Exchange,
  type Header,
  type Outcome,
  type RecordedRequest,
  type RecordedResponse,
  type Recording,
  responseOf,
  type WebSocketMessage,
  type WebSocketRecord,
} from '../exchange.ts';
import { redactBody, redactBytes } from './redacted-body.ts';
import type { Secrets } from './secrets.ts';

/** What replaces secrets, or only takes note of them. */
type Treatment = Omit<Secrets, 'learning'>;

/**
 * The same recording with variables in the place of secret values, for formats that know nothing of secrets. It can be
 * read again and in any order; nothing is read before it is asked for. Before its first exchange all are read once, so
 * that a value is replaced also where it stands before it is told what it is; where that cannot be, because the recording
 * is still being made, a value is known from the exchange on that tells.
 */
export function redactRecording(recording: Recording, secrets: Secrets): Recording {
  if (!secrets.active) return recording;
  let learned: Promise<void> | undefined;
  return {
    ...recording,
    async *read(places) {
      learned ??= learnSecrets(recording, secrets);
      await learned;
      for await (const exchange of recording.read(places)) yield redactExchange(exchange, secrets);
    },
  };
}

/** Reads a recording for the secret values in it, of which it keeps nothing else. */
export async function learnSecrets(recording: Recording, secrets: Secrets): Promise<void> {
  if (!secrets.active || recording.live) return;
  for await (const exchange of recording.read()) await learnFrom(exchange, secrets);
}

/** The recording as it is; what is read of it makes its secrets known. */
export function learningFrom(recording: Recording, secrets: Secrets): Recording {
  if (!secrets.active) return recording;
  return {
    ...recording,
    async *read(places) {
      for await (const exchange of recording.read(places)) {
        const read = readOnce(exchange);
        await learnFrom(read, secrets);
        yield read;
      }
    },
  };
}

/** A request's body is asked for by whoever learns and by whoever comes next. */
function readOnce(exchange: Exchange): Exchange {
  const { request } = exchange;
  const { body } = request;
  if (body === undefined) return exchange;
  let bytes: Promise<Uint8Array> | undefined;
  const once = () => {
    bytes ??= body.bytes();
    return bytes;
  };
  return { ...exchange, request: { ...request, body: { ...body, bytes: once } } };
}

async function learnFrom(exchange: Exchange, secrets: Secrets): Promise<void> {
  const { request, outcome, webSocket } = await treatExchange(exchange, secrets.learning);
  await request.body?.bytes();
  await responseOf(outcome)?.body?.bytes();
  for await (const _ of webSocket?.messages() ?? []) {
    // Reading is all it takes.
  }
}

/**
 * The same exchange with variables in the place of secret values: in header lines, the URL, bodies, WebSocket messages
 * and what is said of its end. A body in which there is none keeps its bytes and content codings; one with secrets comes
 * decoded. What is no text stays as it is. `size` is always what crossed the wire.
 */
export async function redactExchange(exchange: Exchange, secrets: Secrets): Promise<Exchange> {
  return secrets.active ? treatExchange(exchange, secrets) : exchange;
}

async function treatExchange(exchange: Exchange, secrets: Treatment): Promise<Exchange> {
  const { webSocket } = exchange;
  return {
    ...exchange,
    request: await redactRequest(exchange.request, secrets),
    outcome: await redactOutcome(exchange.outcome, secrets),
    ...(webSocket && { webSocket: redactWebSocket(webSocket, secrets) }),
  };
}

async function redactRequest(
  request: RecordedRequest,
  secrets: Treatment,
): Promise<RecordedRequest> {
  return { ...(await redactMessage(request, secrets)), url: secrets.url(request.url) };
}

type Message = {
  readonly headers: readonly Header[];
  readonly body?: Body;
  readonly trailers?: readonly Header[];
};

async function redactMessage<T extends Message>(message: T, secrets: Treatment): Promise<T> {
  const { headers, body, trailers } = message;
  return {
    ...message,
    headers: headers.map(secrets.header),
    ...(body && { body: await redactBody(body, headers, secrets) }),
    ...(trailers && { trailers: trailers.map(secrets.header) }),
  };
}

async function redactOutcome(outcome: Outcome, secrets: Treatment): Promise<Outcome> {
  if (outcome.kind === 'completed') {
    const { response } = outcome;
    return response ? { ...outcome, response: await redactResponse(response, secrets) } : outcome;
  }
  const partial = outcome.partial && (await redactResponse(outcome.partial, secrets));
  const rest = partial && { partial };
  if (outcome.kind !== 'failed') return { ...outcome, ...rest };
  // What a library says of a failure may hold the URL.
  const reason = { ...outcome.reason, message: secrets.text(outcome.reason.message) };
  return { ...outcome, ...rest, reason };
}

async function redactResponse(
  response: RecordedResponse,
  secrets: Treatment,
): Promise<RecordedResponse> {
  const { informational } = response;
  return {
    ...(await redactMessage(response, secrets)),
    ...(informational && {
      informational: informational.map((interim) => ({
        ...interim,
        headers: interim.headers.map(secrets.header),
      })),
    }),
  };
}

function redactWebSocket(record: WebSocketRecord, secrets: Treatment): WebSocketRecord {
  const { closed } = record;
  return {
    ...record,
    ...(closed && { closed: { ...closed, reason: secrets.text(closed.reason) } }),
    async *messages() {
      for await (const message of record.messages()) yield redactFrame(message, secrets);
    },
  };
}

/** RFC 6455, 5.5.1: a close frame begins with two bytes of code. */
const CLOSE = 8;

function redactFrame(message: WebSocketMessage, secrets: Treatment): WebSocketMessage {
  const start = message.opcode === CLOSE ? 2 : 0;
  const payload = message.data.subarray(start);
  const redacted = redactBytes(payload, undefined, secrets);
  if (redacted === payload) return message;
  return { ...message, data: Buffer.concat([message.data.subarray(0, start), redacted]) };
}
