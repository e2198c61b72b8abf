import type {
  Ending,
  Exchange,
  Header,
  InformationalResponse,
  RequestHead,
  ResponseHead,
  Tap,
  WebSocketMessage,
} from '../exchange.ts';
import { BodyCapture } from './body-capture.ts';
import type { Filters } from './filters.ts';
import type { Journal } from './journal.ts';
import type { LiveStream, LiveStreams } from './live-streams.ts';
import {
  restoreExchange,
  type StoredBody,
  type StoredExchange,
  type StoredMessageLine,
  type StoredOutcome,
  storedBody,
} from './stored-exchange.ts';
import { isFramedCall, type StreamKind, streamKindOf } from './stream-kind.ts';

/** Which parts of exchanges are kept, and where. */
export type OpenExchangeOptions = {
  readonly journal: Journal;
  readonly filters: Filters;
  /** How many bytes of each body are kept. */
  readonly maxBodyBytes: number;
  /** False records requests without their responses. */
  readonly responses: boolean;
  /** Is told of streams while they run. */
  readonly streams?: LiveStreams;
};

/** Text without a length whose body takes longer than this is a stream. */
const slowBodyMs = 250;

/** An exchange in flight: the tap that the relay reports to. */
export class OpenExchange implements Tap {
  slot = -1;
  readonly #seq: number;
  readonly #head: RequestHead;
  readonly #options: OpenExchangeOptions;
  readonly #onEnd: (wanted: boolean) => void;
  readonly #startedAt = performance.now();
  #upstream: string | undefined;
  #connectedMs: number | undefined;
  #sentMs: number | undefined;
  #headMs: number | undefined;
  #requestBody: BodyCapture | undefined;
  #requestTrailers: readonly Header[] | undefined;
  #informational: InformationalResponse[] | undefined;
  #response: ResponseHead | undefined;
  #responseBody: BodyCapture | undefined;
  #responseTrailers: readonly Header[] | undefined;
  #messages: BodyCapture | undefined;
  #messageCount = 0;
  #messagesCut = false;
  #closed: { code: number; reason: string } | undefined;
  /** The filters rejected the exchange when the head of its response arrived. */
  #unwanted = false;
  #ending: Ending | { readonly kind: 'unfinished' } | undefined;
  #endMs = 0;
  #live: LiveStream | undefined;
  /** Whether a slow body makes it a stream. */
  #mayStream = false;
  #isCall: boolean | undefined;

  constructor(
    seq: number,
    head: RequestHead,
    options: OpenExchangeOptions,
    onEnd: (wanted: boolean) => void,
  ) {
    this.#seq = seq;
    this.#head = head;
    this.#options = options;
    this.#onEnd = onEnd;
  }

  requestChunk(chunk: Uint8Array): void {
    if (this.#unwanted || this.#ending) return;
    this.#requestBody ??= this.#capture('request');
    this.#requestBody.add(chunk);
    this.#live?.chunk('client', chunk);
  }

  requestTrailers(trailers: readonly Header[]): void {
    this.#requestTrailers = trailers;
  }

  connected(upstream: string | undefined): void {
    this.#upstream = upstream;
    this.#connectedMs = this.#elapsed();
  }

  requestSent(): void {
    this.#sentMs = this.#elapsed();
  }

  informational(response: InformationalResponse): void {
    this.#informational ??= [];
    this.#informational.push(response);
  }

  response(head: ResponseHead): void {
    this.#headMs = this.#elapsed();
    this.#response = head;
    if (this.#options.filters.acceptsResponse(this.#head.url, head)) {
      if (this.#options.streams?.isWatched && this.#options.responses) this.#watch(head);
      return;
    }
    this.#unwanted = true;
    this.#requestBody?.discard();
  }

  responseChunk(chunk: Uint8Array): void {
    if (this.#unwanted || this.#ending || !this.#options.responses) return;
    if (this.#mayStream) this.#beginIfSlow();
    this.#live?.chunk('server', chunk);
    this.#responseBody ??= this.#capture('response');
    this.#responseBody.add(chunk);
  }

  responseTrailers(trailers: readonly Header[]): void {
    this.#responseTrailers = trailers;
  }

  webSocketMessage({ from, at, opcode, data }: WebSocketMessage): void {
    if (this.#unwanted || this.#ending) return;
    this.#messages ??= this.#capture('messages');
    this.#messageCount += 1;
    this.#live?.message(from, at, opcode, data);
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (opcode === 8) this.#closed ??= closeOf(bytes);
    const content =
      opcode === 1 ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
    const line: StoredMessageLine = { from, at, opcode, ...content };
    const json = Buffer.from(`${JSON.stringify(line)}\n`);
    // A message is kept whole or not at all, because part of a line could not be parsed.
    if (this.#messagesCut || this.#messages.size + json.length > this.#options.maxBodyBytes)
      this.#messagesCut = true;
    else this.#messages.add(json);
  }

  webSocketUnreadable(): void {
    this.#messages ??= this.#capture('messages');
    this.#messagesCut = true;
  }

  end(ending: Ending): void {
    this.#end(ending);
  }

  /** Ends the exchange as unfinished: the recording stops. */
  stop(): void {
    this.#end({ kind: 'unfinished' });
  }

  get isComplete(): boolean {
    return this.#ending?.kind === 'completed';
  }

  /** The exchange, which has ended, for the log. */
  exchange(): Exchange {
    const captures = {
      request: this.#requestBody,
      response: this.#responseBody,
      messages: this.#messages,
    };
    const read = async (body: StoredBody) =>
      body.blob
        ? this.#options.journal.bytesAt(body.blob)
        : ((await captures[body.of]?.bytes()) ?? new Uint8Array());
    return restoreExchange(this.#stored(true), read);
  }

  /** Appends the exchange to the journal once its bodies are written, and then calls back. */
  store(stored: () => void): void {
    const { journal, responses } = this.#options;
    const captures = [
      this.#requestBody,
      responses ? this.#responseBody : undefined,
      this.#messages,
    ];
    const append = () => {
      for (const capture of captures) if (capture) capture.place = journal.put(capture.take());
      journal.append(`${JSON.stringify(this.#stored(responses))}\n`);
      stored();
    };
    const spilled = captures.filter((capture) => capture?.spilledTo !== undefined);
    let waiting = spilled.length;
    if (waiting === 0) append();
    for (const capture of spilled) {
      capture?.finish(() => {
        waiting -= 1;
        if (waiting === 0) append();
      });
    }
  }

  #end(ending: Ending | { kind: 'unfinished' }): void {
    if (this.#ending) return;
    this.#ending = ending;
    this.#endMs = this.#elapsed();
    this.#live?.end();
    const judged = this.#response !== undefined;
    const wanted =
      !this.#unwanted &&
      (judged || this.#options.filters.acceptsResponse(this.#head.url, undefined));
    if (!wanted)
      for (const capture of [this.#requestBody, this.#responseBody, this.#messages])
        capture?.discard();
    this.#onEnd(wanted);
  }

  #watch(head: ResponseHead): void {
    const kind = streamKindOf(head);
    if (kind === 'perhaps') this.#mayStream = true;
    else if (kind !== undefined) this.#beginStream(kind);
  }

  #beginIfSlow(): void {
    if (this.#elapsed() - (this.#headMs ?? 0) < slowBodyMs) return;
    this.#mayStream = false;
    this.#beginStream('lines');
  }

  // What has passed already follows at once, unless it is too long to be in memory.
  #beginStream(kind: StreamKind): void {
    if (this.#response === undefined) return;
    this.#live = this.#options.streams?.begin({
      key: this.#id(),
      kind,
      seq: this.#seq,
      request: this.#head,
      response: this.#response,
      ...(this.#upstream !== undefined && { upstream: this.#upstream }),
      headMs: this.#headMs ?? 0,
    });
    if (kind === 'grpc') this.#replay('client', this.#requestBody);
    this.#replay('server', this.#responseBody);
  }

  #replay(from: 'client' | 'server', body: BodyCapture | undefined): void {
    for (const chunk of body?.chunks ?? []) this.#live?.chunk(from, chunk);
  }

  #id(): string {
    return `${this.#head.startedAt.toString(36)}-${this.#seq}`;
  }

  // Absent fields are undefined here, and JSON omits them. This runs for every exchange, tens of
  // thousands of times a second; literals cost a fraction of conditional spreads.
  #stored(withResponse: boolean): StoredExchange {
    const { method, url, httpVersion, headers, startedAt, client } = this.#head;
    const [request, messages] = [this.#requestBody, this.#messages];
    return {
      seq: this.#seq,
      id: this.#id(),
      startedAt,
      request: {
        method,
        url,
        httpVersion,
        headers,
        body: request && storedBody('request', request, headers),
        trailers: this.#requestTrailers,
      },
      outcome: this.#outcome(withResponse),
      timings: {
        connectedMs: this.#connectedMs,
        sentMs: this.#sentMs,
        headMs: this.#headMs,
        endMs: this.#endMs,
      },
      connection: { client, upstream: this.#upstream },
      rewritten: this.#head.rewritten,
      webSocket: messages && {
        count: this.#messageCount,
        cut: this.#messagesCut || undefined,
        closed: this.#closed,
        messages: storedBody('messages', messages, []),
      },
    };
  }

  #outcome(withResponse: boolean): StoredOutcome {
    const head = withResponse ? this.#response : undefined;
    const body = this.#responseBody;
    const response = head && {
      status: head.status,
      statusText: head.statusText,
      httpVersion: head.httpVersion,
      headers: head.headers,
      body: body && storedBody('response', body, head.headers),
      trailers: this.#responseTrailers,
      informational: this.#informational,
    };
    const ending = this.#ending ?? { kind: 'unfinished' };
    if (ending.kind === 'completed') return { kind: 'completed', response };
    if (ending.kind === 'failed')
      return { kind: 'failed', reason: ending.reason, partial: response };
    return { kind: ending.kind, partial: response };
  }

  #capture(of: string): BodyCapture {
    const { journal, maxBodyBytes } = this.#options;
    return new BodyCapture(`${this.#seq}.${of}`, {
      folder: journal.folder,
      maxBytes: maxBodyBytes,
      onPending: (bytes) => journal.countPending(bytes),
      onError: (error) => journal.fail(error),
      ...(this.#isTimed(of) && { elapsedMs: () => this.#elapsed() }),
    });
  }

  /** The messages of gRPC are within its bodies. */
  #isTimed(of: string): boolean {
    if (of === 'messages') return false;
    this.#isCall ??= isFramedCall(this.#head);
    return this.#isCall;
  }

  // Tenths of a millisecond, which is as precise as these clocks are.
  #elapsed(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }
}

function closeOf(payload: Buffer): { code: number; reason: string } {
  if (payload.length < 2) return { code: 1005, reason: '' };
  return { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
}
