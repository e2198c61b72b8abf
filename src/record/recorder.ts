import {
  type Ending,
  type Exchange,
  type Header,
  headerValues,
  type InformationalResponse,
  type Observer,
  type RequestHead,
  type ResponseHead,
  type Tap,
  type WebSocketMessage,
} from '../exchange.ts';
import { Roster } from '../roster.ts';
import { BodyCapture } from './body-capture.ts';
import type { Filters } from './filters.ts';
import type { Journal } from './journal.ts';
import {
  restoreExchange,
  type StoredBody,
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
  /** Told about each recorded exchange when it is over and its bodies can be read. */
  readonly onExchange?: (exchange: Exchange) => void;
};

type Counts = {
  readonly recorded: number;
  readonly filtered: number;
  /** Of those recorded: failed, aborted or unfinished. */
  readonly incomplete: number;
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
  const counts = { recorded: 0, filtered: 0, incomplete: 0 };
  const open = new Roster<OpenExchange>();
  // Exchanges that wait for a body of theirs to be in its file.
  let unstored = 0;
  let whenStored: (() => void) | undefined;
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
      const tap = new OpenExchange(seq, head, options, (wanted) => {
        open.delete(tap);
        if (!wanted) {
          counts.filtered += 1;
          return;
        }
        counts.recorded += 1;
        if (!tap.isComplete) counts.incomplete += 1;
        unstored += 1;
        tap.store(() => {
          options.onExchange?.(tap.exchange());
          unstored -= 1;
          if (unstored === 0) whenStored?.();
        });
      });
      open.add(tap);
      return tap;
    },
    stop() {
      for (const tap of open.list()) tap.stop();
    },
    async finish() {
      this.stop();
      if (unstored > 0) {
        await new Promise<void>((resolve) => {
          whenStored = resolve;
        });
      }
      await journal.flush();
    },
  };
}

/** An exchange under way: the tap that the relay speaks to. */
class OpenExchange implements Tap {
  slot = -1;
  readonly #seq: number;
  readonly #head: RequestHead;
  readonly #options: RecorderOptions;
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
  /** The head of the answer said that this exchange is not wanted. */
  #unwanted = false;
  #ending: Ending | { readonly kind: 'unfinished' } | undefined;
  #endMs = 0;

  constructor(
    seq: number,
    head: RequestHead,
    options: RecorderOptions,
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
    if (this.#unwanted || this.#ending || !this.#options.responses) return;
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

  get isComplete(): boolean {
    return this.#ending?.kind === 'completed';
  }

  /** The exchange as it is now, over: for whoever shows it while recording. */
  exchange(): Exchange {
    const captures = {
      request: this.#requestBody,
      response: this.#responseBody,
      messages: this.#messages,
    };
    const read = async (body: StoredBody) => (await captures[body.of]?.bytes()) ?? new Uint8Array();
    return restoreExchange(this.#stored(true), read);
  }

  /** Hands the exchange to the journal once its bodies are where they belong, and then calls back. */
  store(stored: () => void): void {
    const { journal, responses } = this.#options;
    const captures = [
      this.#requestBody,
      responses ? this.#responseBody : undefined,
      this.#messages,
    ];
    const append = () => {
      for (const capture of captures) if (capture) capture.place = journal.put(capture.chunks);
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
    const judged = this.#response !== undefined;
    const wanted =
      !this.#unwanted &&
      (judged || this.#options.filters.acceptsResponse(this.#head.url, undefined));
    if (!wanted)
      for (const capture of [this.#requestBody, this.#responseBody, this.#messages])
        capture?.discard();
    this.#onEnd(wanted);
  }

  // What is absent is undefined here, and JSON leaves it out. This runs for every exchange, tens of
  // thousands of times a second; literals cost a fraction of conditional spreads.
  #stored(withResponse: boolean): StoredExchange {
    const { method, url, httpVersion, headers, startedAt, client } = this.#head;
    const [request, messages] = [this.#requestBody, this.#messages];
    return {
      seq: this.#seq,
      id: `${startedAt.toString(36)}-${this.#seq}`,
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
    });
  }

  // Tenths of a millisecond: finer than that no clock here is.
  #elapsed(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }
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

function storedBody(
  of: StoredBody['of'],
  capture: BodyCapture,
  headers: readonly Header[],
): StoredBody {
  const { size, isCut, spilledTo, place } = capture;
  return {
    of,
    size,
    encoding: codings(headers),
    cut: isCut || undefined,
    blob: place,
    file: spilledTo,
  };
}
