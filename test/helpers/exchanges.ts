import type {
  Body,
  Exchange,
  Failure,
  Header,
  Outcome,
  RecordedRequest,
  RecordedResponse,
  Recording,
} from '../../src/exchange.ts';

type RequestParts = {
  readonly url?: string;
  readonly method?: string;
  readonly httpVersion?: string;
  readonly headers?: readonly Header[];
  readonly body?: BodyParts;
  readonly trailers?: readonly Header[];
};

export type ResponseParts = {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: readonly Header[];
  readonly body?: BodyParts;
};

/** A text is UTF-8; with `cutTo` only the first bytes were kept. */
export type BodyParts =
  | string
  | Uint8Array
  | { readonly bytes: Uint8Array; readonly cutTo: number };

export type ExchangeParts = RequestParts & {
  /** Answered with 200 and no body unless told; `null` for one that failed. */
  readonly response?: ResponseParts | null;
  readonly outcome?: Outcome;
  readonly webSocketMessages?: number;
};

let lastSeq = 0;

/** An exchange from what matters about it: a completed GET unless told otherwise. */
export function exchange(parts: ExchangeParts = {}): Exchange {
  lastSeq += 1;
  return {
    id: `exchange-${lastSeq}`,
    seq: lastSeq,
    // One after another: the last one has been answered.
    startedAt: 1_700_000_000_000 + 10 * lastSeq,
    request: request(parts),
    outcome: parts.outcome ?? outcomeOf(parts.response),
    timings: { endMs: 5 },
    connection: {},
    ...(parts.webSocketMessages === undefined
      ? {}
      : { webSocket: { count: parts.webSocketMessages, messages: noMessages } }),
  };
}

function request(parts: RequestParts = {}): RecordedRequest {
  const headers = parts.headers ?? [['Host', 'api.test']];
  return {
    method: parts.method ?? (parts.body === undefined ? 'GET' : 'POST'),
    url: parts.url ?? 'http://api.test/',
    httpVersion: parts.httpVersion ?? '1.1',
    headers,
    ...(parts.body === undefined ? {} : { body: body(parts.body, headers) }),
    ...(parts.trailers === undefined ? {} : { trailers: parts.trailers }),
  };
}

export function response(parts: ResponseParts = {}): RecordedResponse {
  const headers = parts.headers ?? [];
  return {
    status: parts.status ?? 200,
    statusText: parts.statusText ?? '',
    httpVersion: '1.1',
    headers,
    ...(parts.body === undefined ? {} : { body: body(parts.body, headers) }),
  };
}

export function failure(
  kind: Failure['kind'] = 'refused',
  message = 'connection refused',
): Outcome {
  return { kind: 'failed', reason: { kind, message } };
}

function outcomeOf(parts: ResponseParts | null | undefined): Outcome {
  return parts === null ? failure() : { kind: 'completed', response: response(parts ?? {}) };
}

function body(parts: BodyParts, headers: readonly Header[] = []): Body {
  const isCut = typeof parts === 'object' && 'cutTo' in parts;
  const whole = typeof parts === 'string' ? Buffer.from(parts) : isCut ? parts.bytes : parts;
  const encoding = headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/));
  return {
    size: whole.length,
    encoding,
    ...(isCut ? { cut: true } : {}),
    bytes: async () => (isCut ? whole.subarray(0, parts.cutTo) : whole),
  };
}

async function* noMessages() {}

/** A recording in memory. */
export function recordingOf(exchanges: readonly Exchange[]): Recording {
  return {
    size: exchanges.length,
    async *read(places: Iterable<number> = exchanges.keys()) {
      for (const place of places) {
        const found = exchanges[place];
        if (found === undefined) throw new RangeError(`No exchange at place ${place}`);
        yield found;
      }
    },
  };
}
