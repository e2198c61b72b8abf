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
 * Returns the recording with secret values replaced by variables, for formats that do not handle secrets. It can be read
 * again and in any order, and is read lazily. All exchanges are read once before the first is returned, so that a value
 * is also replaced before the exchange that identifies it as a secret. While the recording is still being made, a value
 * is only replaced from that exchange on.
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
 * Returns the exchange with secret values replaced by variables in header lines, the URL, bodies, WebSocket and gRPC
 * messages and error messages. A body without secrets keeps its bytes and content codings; a body with secrets is
 * returned decoded. Binary data is unchanged. `size` is always the size on the wire.
 *
 * @param learned what an earlier reading of the recording found
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
  // A library's error message may contain the URL.
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
