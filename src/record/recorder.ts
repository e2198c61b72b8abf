import {
  type Body,
  type Connection,
  type Ending,
  type Exchange,
  type Header,
  headerValues,
  type InformationalResponse,
  type Observer,
  type Outcome,
  type RequestHead,
  type ResponseHead,
  responseOf,
  type Tap,
  type Timings,
  type WebSocketMessage,
  type WebSocketRecord,
} from '../exchange.ts';
import { BodyCapture, type StoredBody } from './body-capture.ts';
import type { Filters } from './filters.ts';
import type { Journal } from './journal.ts';
import {
  parseMessages,
  type StoredExchange,
  type StoredMessageLine,
  type StoredOutcome,
} from './journal-reader.ts';

export type RecorderOptions = {
  readonly journal: Journal;
  readonly filters: Filters;
  /** Bytes of each body that are kept. */
  readonly maxBodyBytes: number;
  /** False keeps no answers. */
  readonly responses: boolean;
  /** Told about each recorded exchange when it is over. */
  readonly onExchange?: (exchange: Exchange) => void;
};

export type Counts = {
  readonly recorded: number;
  readonly filtered: number;
  readonly failed: number;
};

/** Listens to the relay, puts exchanges together and appends them to the journal as each ends. */
export type Recorder = Observer & {
  readonly counts: Counts;
  /** Ends the recording: what is under way is recorded as unfinished, with what has come. */
  finish(): Promise<void>;
};

/** Makes a recorder that writes to this journal. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { journal, filters } = options;
  const counts = { recorded: 0, filtered: 0, failed: 0 };
  const open = new Set<OpenExchange>();
  const pending = new Set<Promise<void>>();
  let seq = 0;
  return {
    counts,
    get congested() {
      return journal.congested;
    },
    onceDrained: (resume) => journal.onceDrained(resume),
    begin(head) {
      seq += 1;
      if (!filters.acceptsRequest(head.method, head.url)) {
        counts.filtered += 1;
        return undefined;
      }
      const tap = new OpenExchange(seq, head, options, (exchange) => {
        open.delete(tap);
        if (exchange === undefined) {
          counts.filtered += 1;
          return;
        }
        counts.recorded += 1;
        if (exchange.outcome.kind === 'failed') counts.failed += 1;
        options.onExchange?.(exchange);
        const written = tap.store(options.responses ? exchange : withoutResponse(exchange));
        pending.add(written);
        void written.finally(() => pending.delete(written));
      });
      open.add(tap);
      return tap;
    },
    async finish() {
      for (const exchange of open) exchange.stop();
      await Promise.all(pending);
      await journal.flush();
    },
  };
}

/** An exchange under way: the tap that the relay speaks to. */
class OpenExchange implements Tap {
  readonly #seq: number;
  readonly #head: RequestHead;
  readonly #options: RecorderOptions;
  /** Given the exchange, or nothing when it is not wanted. */
  readonly #onEnd: (exchange: Exchange | undefined) => void;
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
  /** The head of the answer said that this exchange is not wanted. */
  #unwanted = false;
  #over = false;

  constructor(
    seq: number,
    head: RequestHead,
    options: RecorderOptions,
    onEnd: (exchange: Exchange | undefined) => void,
  ) {
    this.#seq = seq;
    this.#head = head;
    this.#options = options;
    this.#onEnd = onEnd;
  }

  requestChunk(chunk: Uint8Array): void {
    if (this.#unwanted || this.#over) return;
    this.#requestBody ??= this.#capture('request');
    this.#requestBody.add(chunk);
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
    if (this.#options.filters.acceptsResponse(this.#head.url, head)) return;
    this.#unwanted = true;
    this.#requestBody?.discard();
  }

  responseChunk(chunk: Uint8Array): void {
    if (this.#unwanted || this.#over || !this.#options.responses) return;
    this.#responseBody ??= this.#capture('response');
    this.#responseBody.add(chunk);
  }

  responseTrailers(trailers: readonly Header[]): void {
    this.#responseTrailers = trailers;
  }

  webSocketMessage({ from, at, opcode, data }: WebSocketMessage): void {
    if (this.#unwanted || this.#over) return;
    this.#messages ??= this.#capture('messages');
    this.#messageCount += 1;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (opcode === 8) this.#closed ??= closeOf(bytes);
    const content =
      opcode === 1 ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
    const line: StoredMessageLine = { from, at, opcode, ...content };
    const json = Buffer.from(`${JSON.stringify(line)}\n`);
    // Whole messages or none: half a line could not be read again.
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

  /** The recording stops while this is under way. */
  stop(): void {
    this.#end({ kind: 'unfinished' });
  }

  /** Hands the exchange to the journal once its bodies are where they belong. */
  async store(exchange: Exchange): Promise<void> {
    const { journal } = this.#options;
    const captures = [this.#requestBody, this.#responseBody, this.#messages] as const;
    for (const capture of captures) {
      if (capture?.spilledTo !== undefined) await new Promise<void>((done) => capture.finish(done));
    }
    const inBlob = captures.filter(
      (capture) => capture !== undefined && capture.spilledTo === undefined,
    );
    await new Promise<void>((written) => {
      journal.append({
        bodies: inBlob.map((capture) => capture?.chunks ?? []),
        line: (places) => {
          const place = (capture: BodyCapture | undefined) =>
            capture && storedBody(capture, places[inBlob.indexOf(capture)]);
          const [request, response, messages] = captures;
          const stored = storedExchange(exchange, place(request), place(response), place(messages));
          return `${JSON.stringify(stored)}\n`;
        },
        written,
      });
    });
  }

  #end(ending: Ending | { kind: 'unfinished' }): void {
    if (this.#over) return;
    this.#over = true;
    const { filters } = this.#options;
    const judged = this.#response !== undefined;
    if (!this.#unwanted && (judged || filters.acceptsResponse(this.#head.url, undefined))) {
      this.#onEnd(this.#exchange(ending));
      return;
    }
    for (const capture of [this.#requestBody, this.#responseBody, this.#messages])
      capture?.discard();
    this.#onEnd(undefined);
  }

  #exchange(ending: Ending | { kind: 'unfinished' }): Exchange {
    const { startedAt, client, ...request } = this.#head;
    return {
      seq: this.#seq,
      id: `${startedAt.toString(36)}-${this.#seq}`,
      startedAt,
      request: {
        ...request,
        ...bodyOf(this.#requestBody, request.headers),
        ...(this.#requestTrailers && { trailers: this.#requestTrailers }),
      },
      outcome: this.#outcome(ending),
      timings: this.#timings(),
      connection: connection(client, this.#upstream),
      ...(this.#messages && { webSocket: this.#webSocket(this.#messages) }),
    };
  }

  #outcome(ending: Ending | { kind: 'unfinished' }): Outcome {
    const head = this.#response;
    const response = head && {
      ...head,
      ...bodyOf(this.#responseBody, head.headers),
      ...(this.#responseTrailers && { trailers: this.#responseTrailers }),
      ...(this.#informational && { informational: this.#informational }),
    };
    if (ending.kind === 'completed') return { kind: 'completed', ...(response && { response }) };
    return { ...ending, ...(response && { partial: response }) };
  }

  #timings(): Timings {
    return {
      ...(this.#connectedMs !== undefined && { connectedMs: this.#connectedMs }),
      ...(this.#sentMs !== undefined && { sentMs: this.#sentMs }),
      ...(this.#headMs !== undefined && { headMs: this.#headMs }),
      endMs: this.#elapsed(),
    };
  }

  #webSocket(messages: BodyCapture): WebSocketRecord {
    return {
      count: this.#messageCount,
      ...(this.#messagesCut && { cut: true as const }),
      ...(this.#closed && { closed: this.#closed }),
      messages: async function* () {
        yield* parseMessages(await messages.bytes());
      },
    };
  }

  #capture(of: string): BodyCapture {
    const { journal, maxBodyBytes } = this.#options;
    return new BodyCapture(`${this.#seq}.${of}`, {
      folder: journal.folder,
      maxBytes: maxBodyBytes,
      onPending: (bytes) => journal.countPending(bytes),
      onError: (error) => journal.fail(error),
    });
  }

  // Tenths of a millisecond: finer than that no clock here is.
  #elapsed(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }
}

function connection(client: string | undefined, upstream: string | undefined): Connection {
  return { ...(client !== undefined && { client }), ...(upstream !== undefined && { upstream }) };
}

/** The content codings of a message, first applied first (RFC 9110 8.4). */
function codings(headers: readonly Header[]): string[] {
  return headerValues(headers, 'content-encoding')
    .flatMap((value) => value.split(','))
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

function closeOf(payload: Buffer): { code: number; reason: string } {
  if (payload.length < 2) return { code: 1005, reason: '' };
  return { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
}

function bodyOf(capture: BodyCapture | undefined, headers: readonly Header[]): { body?: Body } {
  if (capture === undefined) return {};
  const { size, isCut } = capture;
  const cut = isCut && { cut: true as const };
  return { body: { size, encoding: codings(headers), ...cut, bytes: () => capture.bytes() } };
}

function withoutResponse(exchange: Exchange): Exchange {
  const { kind } = exchange.outcome;
  return {
    ...exchange,
    outcome: kind === 'failed' ? { kind, reason: exchange.outcome.reason } : { kind },
  };
}

function storedBody(
  capture: BodyCapture,
  place: readonly [number, number] | undefined,
): StoredBody {
  const file = capture.spilledTo;
  const cut = capture.isCut && { cut: true as const };
  return {
    size: capture.size,
    ...cut,
    ...(file === undefined ? { blob: place ?? [0, 0] } : { file }),
  };
}

// JSON leaves the functions out by which an exchange in memory reads its bytes.
function storedExchange(
  exchange: Exchange,
  requestBody: StoredBody | undefined,
  responseBody: StoredBody | undefined,
  messages: StoredBody | undefined,
): StoredExchange {
  const { request, outcome, webSocket } = exchange;
  const place = <T extends { body?: Body }>(message: T, stored: StoredBody | undefined) =>
    message.body && stored ? { ...message, body: { ...message.body, ...stored } } : message;
  const response = responseOf(outcome);
  const key = outcome.kind === 'completed' ? 'response' : 'partial';
  return {
    ...exchange,
    request: place(request, requestBody),
    outcome: {
      ...outcome,
      ...(response && { [key]: place(response, responseBody) }),
    } as StoredOutcome,
    ...(webSocket && messages && { webSocket: { ...webSocket, messages } }),
  } as StoredExchange;
}
