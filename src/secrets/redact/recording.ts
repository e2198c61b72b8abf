import type {
  Body,
  Exchange,
  Header,
  Outcome,
  RecordedResponse,
  Recording,
  WebSocketRecord,
} from '../../exchange.ts';
import { type LearnedSecrets, learnSecrets } from '../learned-secrets.ts';
import type { PartSecrets, Secrets } from '../secrets.ts';
import { redactBody, redactFrame } from './body.ts';
import { redactCall } from './call.ts';

/**
 * The same recording with variables in the place of secret values, for formats that know nothing of secrets. It can be
 * read again and in any order; nothing is read before it is asked for. Before its first exchange all are read once, so
 * that a value is replaced also where it stands before it is told what it is; where that cannot be, because the recording
 * is still being made, a value is known from the exchange on that tells.
 */
export function redactRecording(recording: Recording, secrets: Secrets): Recording {
  if (!secrets.active) return recording;
  let learning: Promise<LearnedSecrets> | undefined;
  return {
    ...recording,
    async *read(places) {
      learning ??= learnSecrets(recording, secrets);
      const learned = await learning;
      for await (const exchange of recording.read(places)) {
        yield await redactExchange(exchange, secrets, learned);
      }
    },
  };
}

/**
 * The same exchange with variables in the place of secret values: in header lines, the URL, bodies, WebSocket and gRPC
 * messages and what is said of its end. A body in which there is none keeps its bytes and content codings; one with secrets comes
 * decoded. What is no text stays as it is. `size` is always what crossed the wire.
 *
 * @param learned what an earlier reading of its recording found out
 */
export async function redactExchange(
  exchange: Exchange,
  secrets: Secrets,
  learned?: Pick<LearnedSecrets, 'inPart'>,
): Promise<Exchange> {
  if (!secrets.active) return exchange;
  const { request, outcome, webSocket } = exchange;
  const inUrl = learned?.inPart('url', exchange) ?? secrets;
  const inRequest = learned?.inPart('request', exchange) ?? secrets;
  const inResponse = learned?.inPart('response', exchange) ?? secrets;
  const redacted = {
    ...exchange,
    request: {
      ...(await redactMessage(request, secrets, inRequest)),
      url: inUrl.url(request.url),
    },
    outcome: await redactOutcome(outcome, secrets, inResponse),
    ...(webSocket && { webSocket: redactWebSocket(webSocket, secrets) }),
  };
  return redactCall(redacted, secrets);
}

type Message = {
  readonly headers: readonly Header[];
  readonly body?: Body;
  readonly trailers?: readonly Header[];
};

async function redactMessage<T extends Message>(
  message: T,
  secrets: Secrets,
  inBody: PartSecrets,
): Promise<T> {
  const { headers, body, trailers } = message;
  return {
    ...message,
    headers: headers.map(secrets.header),
    ...(body && { body: await redactBody(body, headers, inBody) }),
    ...(trailers && { trailers: trailers.map(secrets.header) }),
  };
}

async function redactOutcome(
  outcome: Outcome,
  secrets: Secrets,
  inBody: PartSecrets,
): Promise<Outcome> {
  const redacted = (response: RecordedResponse) => redactResponse(response, secrets, inBody);
  if (outcome.kind === 'completed') {
    const { response } = outcome;
    return response ? { ...outcome, response: await redacted(response) } : outcome;
  }
  const partial = outcome.partial && (await redacted(outcome.partial));
  const rest = partial && { partial };
  if (outcome.kind !== 'failed') return { ...outcome, ...rest };
  // What a library says of a failure may hold the URL.
  const reason = { ...outcome.reason, message: secrets.text(outcome.reason.message) };
  return { ...outcome, ...rest, reason };
}

async function redactResponse(
  response: RecordedResponse,
  secrets: Secrets,
  inBody: PartSecrets,
): Promise<RecordedResponse> {
  const { informational } = response;
  return {
    ...(await redactMessage(response, secrets, inBody)),
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
