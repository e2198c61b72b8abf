import {
  type Exchange,
  type Header,
  type RecordedRequest,
  type RecordedResponse,
  type Recording,
  responseOf,
} from '../exchange.ts';
import { learnFromBody, redactFrame } from './redact/body.ts';
import { learnFromCall } from './redact/call.ts';
import type { PartSecrets, Reading, Secrets } from './secrets.ts';

/** A part of an exchange that is one text: its URL, or the body of a message. */
type Part = (typeof PARTS)[number];
const PARTS = ['url', 'request', 'response'] as const;

/** The results of searching a recording for secrets. */
export type LearnedSecrets = {
  /** Returns the replacer for a part. A part already read is not searched again, because searching takes most of the time. */
  inPart(part: Part, exchange: Exchange): PartSecrets;
  /** Returns the same for one of several outputs, whose replacer is `secrets`. */
  forOutput(secrets: Secrets): LearnedSecrets;
};

/** Reads a recording to learn its secret values. */
export async function learnSecrets(
  recording: Recording,
  secrets: Secrets,
): Promise<LearnedSecrets> {
  const { recording: read, ...learned } = learningFrom(recording, secrets);
  if (secrets.active && !recording.live) for await (const _ of read.read());
  return learned;
}

/** Returns the recording unchanged; its secrets are learned as it is read. */
export function learningFrom(
  recording: Recording,
  secrets: Secrets,
): LearnedSecrets & { readonly recording: Recording } {
  if (!secrets.active) {
    const none: LearnedSecrets = { inPart: () => secrets, forOutput: () => none };
    return { recording, ...none };
  }
  const readings = { url: keptReadings(), request: keptReadings(), response: keptReadings() };
  const learnedFor = (output: Secrets): LearnedSecrets => ({
    inPart(part, { seq }) {
      const reading = readings[part].get(seq);
      return reading === undefined ? output : output.readAgain(reading);
    },
    forOutput: learnedFor,
  });
  return {
    ...learnedFor(secrets),
    recording: {
      ...recording,
      async *read(places) {
        let highest = -1;
        for await (const exchange of recording.read(places)) {
          const read = readOnce(exchange);
          const found = await learnFrom(read, secrets.learning);
          const { seq } = exchange;
          // A repeated number, as in recordings joined by hand, identifies no exchange.
          const isOwn = seq > highest;
          for (const part of PARTS) readings[part].keep(seq, isOwn ? found[part] : undefined);
          highest = Math.max(highest, seq);
          yield read;
        }
      },
    },
  };
}

/** The maximum number of kept results with secrets; results without secrets take almost no memory. */
const MOST_READINGS = 100_000;
const MOST_SPANS = 16;
/** A larger number means that the recording is damaged or ran for years. */
const MOST_NUMBERS = 2 ** 24;

/** Results by exchange number, stored compactly. */
function keptReadings() {
  const found = new Map<number, Reading>();
  /** The length of a text without secrets, plus one. */
  let plain = new Uint32Array(1024);
  return {
    get(seq: number): Reading | undefined {
      const length = plain[seq] ?? 0;
      return length === 0 ? found.get(seq) : { length: length - 1, spans: NONE };
    },
    /** Replaces the previous result for this number. */
    keep(seq: number, reading: Reading | undefined): void {
      found.delete(seq);
      if (seq < plain.length) plain[seq] = 0;
      if (reading === undefined) return;
      if (reading.spans.length > 0) {
        if (found.size < MOST_READINGS && isSmall(reading)) found.set(seq, reading);
        return;
      }
      if (seq >= MOST_NUMBERS) return;
      if (seq >= plain.length) {
        const grown = new Uint32Array(2 * seq);
        grown.set(plain);
        plain = grown;
      }
      plain[seq] = reading.length + 1;
    },
  };
}

const NONE: Reading['spans'] = [];

/** A decoded value would keep its source text in memory. */
function isSmall({ spans }: Reading): boolean {
  return spans.length <= MOST_SPANS && spans.every(({ decoded }) => decoded === undefined);
}

/** Reading it twice costs less. */
const SMALL = 16 * 1024;

/** A request's body is read by the learner and again by the next consumer. */
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

/** Passes every text of an exchange to the learner; returns the results for parts that are one text. */
async function learnFrom(
  exchange: Exchange,
  learning: Secrets['learning'],
): Promise<{ readonly [part in Part]: Reading | undefined }> {
  const { request, outcome, webSocket } = exchange;
  const response = responseOf(outcome);
  learning.url(request.url);
  const readings = {
    url: learning.last,
    request: await learnFromMessage(request, learning),
    response: response && (await learnFromMessage(response, learning)),
  };
  for (const { headers } of response?.informational ?? []) learnFromHeaders(headers, learning);
  if (outcome.kind === 'failed') learning.text(outcome.reason.message);
  if (webSocket?.closed) learning.text(webSocket.closed.reason);
  if (webSocket) for await (const frame of webSocket.messages()) redactFrame(frame, learning);
  if (exchange.grpc) await learnFromCall(exchange.grpc, learning);
  return readings;
}

async function learnFromMessage(
  { headers, body, trailers }: RecordedRequest | RecordedResponse,
  learning: Secrets['learning'],
): Promise<Reading | undefined> {
  learnFromHeaders(headers, learning);
  if (trailers) learnFromHeaders(trailers, learning);
  return body && learnFromBody(body, headers, learning);
}

function learnFromHeaders(headers: readonly Header[], learning: Secrets['learning']): void {
  for (const header of headers) learning.header(header);
}
