import {
  type Exchange,
  type Header,
  type RecordedRequest,
  type RecordedResponse,
  type Recording,
  responseOf,
} from '../exchange.ts';
import { learnFromBody, learnFromFrame } from './redacted-body.ts';
import type { Secrets } from './secrets.ts';

/** A part of an exchange that is one text: its URL, or the body of a message. */
type Part = 'url' | 'request' | 'response';

/** What replaces secrets in such a part. */
export type PartSecrets = Secrets['known'];

/** What is known of the parts of a recording when it has been read for its secrets. */
export type LearnedSecrets = {
  /**
   * What finds the secrets in a part. Where a reading found none, what is left to look for is what was found elsewhere;
   * that takes a fraction of the time.
   */
  inPart(part: Part, exchange: Exchange): PartSecrets;
};

/** Reads a recording for the secret values in it; of its parts it only keeps which have none. */
export async function learnSecrets(
  recording: Recording,
  secrets: Secrets,
): Promise<LearnedSecrets> {
  const { recording: read, ...learned } = learningFrom(recording, secrets);
  if (secrets.active && !recording.live) for await (const _ of read.read());
  return learned;
}

/** The recording as it is; what is read of it makes its secrets known. */
export function learningFrom(
  recording: Recording,
  secrets: Secrets,
): LearnedSecrets & { readonly recording: Recording } {
  if (!secrets.active) return { recording, inPart: () => secrets };
  const plain = { url: smallNumbers(), request: smallNumbers(), response: smallNumbers() };
  return {
    inPart: (part, { seq }) => (plain[part].has(seq) ? secrets.known : secrets),
    recording: {
      ...recording,
      async *read(places) {
        for await (const exchange of recording.read(places)) {
          const read = readOnce(exchange);
          const { url, request, response } = await learnFrom(read, secrets.learning);
          if (url) plain.url.add(read.seq);
          if (request) plain.request.add(read.seq);
          if (response) plain.response.add(read.seq);
          yield read;
        }
      },
    },
  };
}

/** A set of small numbers in little memory. */
function smallNumbers() {
  let bytes = new Uint8Array(1024);
  return {
    has: (seq: number) => bytes[seq] === 1,
    add(seq: number): void {
      if (seq >= bytes.length) {
        const grown = new Uint8Array(2 * seq);
        grown.set(bytes);
        bytes = grown;
      }
      bytes[seq] = 1;
    },
  };
}

/** To read it twice costs less. */
const SMALL = 16 * 1024;

/** A request's body is asked for by whoever learns and by whoever comes next. */
function readOnce(exchange: Exchange): Exchange {
  const { request } = exchange;
  const { body } = request;
  if (body === undefined || body.size < SMALL) return exchange;
  let bytes: Promise<Uint8Array> | undefined;
  const once = () => {
    bytes ??= body.bytes();
    return bytes;
  };
  return { ...exchange, request: { ...request, body: { ...body, bytes: once } } };
}

/** Shows every text of an exchange; tells which parts are text without a secret. */
async function learnFrom(
  { request, outcome, webSocket }: Exchange,
  learning: Secrets['learning'],
): Promise<{ readonly [part in Part]: boolean }> {
  const response = responseOf(outcome);
  const { found } = learning;
  learning.url(request.url);
  const plain = {
    url: learning.found === found,
    request: await learnFromMessage(request, learning),
    response: response !== undefined && (await learnFromMessage(response, learning)),
  };
  for (const { headers } of response?.informational ?? []) learnFromHeaders(headers, learning);
  if (outcome.kind === 'failed') learning.text(outcome.reason.message);
  if (webSocket?.closed) learning.text(webSocket.closed.reason);
  for await (const frame of webSocket?.messages() ?? []) learnFromFrame(frame, learning);
  return plain;
}

async function learnFromMessage(
  { headers, body, trailers }: RecordedRequest | RecordedResponse,
  learning: Secrets['learning'],
): Promise<boolean> {
  learnFromHeaders(headers, learning);
  if (trailers) learnFromHeaders(trailers, learning);
  return body !== undefined && learnFromBody(body, headers, learning);
}

function learnFromHeaders(headers: readonly Header[], learning: Secrets['learning']): void {
  for (const header of headers) learning.header(header);
}
