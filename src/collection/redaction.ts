import type {
  Body,
  Exchange,
  Header,
  Outcome,
  RecordedRequest,
  RecordedResponse,
  Recording,
  WebSocketMessage,
  WebSocketRecord,
} from '../exchange.ts';
import { redactBody, redactBytes } from './redacted-body.ts';
import type { Secrets } from './secrets.ts';

/**
 * The same recording with variables in the place of secret values, for formats that know nothing of secrets. It can be
 * read again and in any order; nothing is read before it is asked for.
 */
export function redactRecording(recording: Recording, secrets: Secrets): Recording {
  if (!secrets.active) return recording;
  return {
    size: recording.size,
    async *read(places) {
      for await (const exchange of recording.read(places)) yield redactExchange(exchange, secrets);
    },
  };
}

/**
 * The same exchange with variables in the place of secret values: in header lines, the URL, bodies, WebSocket messages
 * and what is said of its end. A body in which there is none keeps its bytes and content codings; one with secrets comes
 * decoded. What is no text stays as it is. `size` is always what crossed the wire.
 */
export async function redactExchange(exchange: Exchange, secrets: Secrets): Promise<Exchange> {
  if (!secrets.active) return exchange;
  const { webSocket } = exchange;
  return {
    ...exchange,
    request: await redactRequest(exchange.request, secrets),
    outcome: await redactOutcome(exchange.outcome, secrets),
    ...(webSocket && { webSocket: redactWebSocket(webSocket, secrets) }),
  };
}

async function redactRequest(request: RecordedRequest, secrets: Secrets): Promise<RecordedRequest> {
  return { ...(await redactMessage(request, secrets)), url: secrets.url(request.url) };
}

type Message = {
  readonly headers: readonly Header[];
  readonly body?: Body;
  readonly trailers?: readonly Header[];
};

async function redactMessage<T extends Message>(message: T, secrets: Secrets): Promise<T> {
  const { headers, body, trailers } = message;
  return {
    ...message,
    headers: headers.map(secrets.header),
    ...(body && { body: await redactBody(body, headers, secrets) }),
    ...(trailers && { trailers: trailers.map(secrets.header) }),
  };
}

async function redactOutcome(outcome: Outcome, secrets: Secrets): Promise<Outcome> {
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
  secrets: Secrets,
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

function redactWebSocket(record: WebSocketRecord, secrets: Secrets): WebSocketRecord {
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

function redactFrame(message: WebSocketMessage, secrets: Secrets): WebSocketMessage {
  const start = message.opcode === CLOSE ? 2 : 0;
  const payload = message.data.subarray(start);
  const redacted = redactBytes(payload, undefined, secrets);
  if (redacted === payload) return message;
  return { ...message, data: Buffer.concat([message.data.subarray(0, start), redacted]) };
}
