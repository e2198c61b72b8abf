import { UserError } from '../errors.ts';
import type {
  Arrival,
  Body,
  Connection,
  Exchange,
  Failure,
  Header,
  RecordedRequest,
  RecordedResponse,
  Timings,
  WebSocketMessage,
  WebSocketRecord,
} from '../exchange.ts';
import { contentCodings } from '../http/content-coding.ts';
import type { BodyCapture } from './body-capture.ts';
import { storedMessage } from './stored-shape.ts';

/** What a line of the index says about a body. */
export type StoredBody = {
  readonly of: 'request' | 'response' | 'messages';
  readonly size: number;
  readonly encoding: readonly string[];
  readonly cut: true | undefined;
  /** Offset and length in the journal's blob … */
  readonly blob: readonly [offset: number, length: number] | undefined;
  /** … or the name of a file of its own beside it. */
  readonly file: string | undefined;
  readonly arrivals: readonly Arrival[] | undefined;
};

/**
 * An exchange as a line of the index holds it: bodies are replaced by their positions, and absent fields are undefined.
 */
export type StoredExchange = Pick<Exchange, 'seq' | 'id' | 'startedAt'> & {
  readonly request: StoredMessage<RecordedRequest>;
  readonly outcome: StoredOutcome;
  readonly timings: Spelled<Timings>;
  readonly connection: Spelled<Connection>;
  readonly webSocket: StoredWebSocket | undefined;
  readonly rewritten: readonly string[] | undefined;
};

/** Makes optional fields present, with undefined for an absent value. */
type Spelled<T> = { readonly [K in keyof Required<T>]: T[K] | undefined };

type StoredMessage<T extends { readonly body?: Body }> = Spelled<Omit<T, 'body'>> & {
  readonly body: StoredBody | undefined;
};

type StoredWebSocket = Spelled<Omit<WebSocketRecord, 'messages'>> & {
  readonly messages: StoredBody;
};

export type StoredOutcome =
  | { readonly kind: 'completed'; readonly response: StoredMessage<RecordedResponse> | undefined }
  | {
      readonly kind: 'failed';
      readonly reason: Failure;
      readonly partial: StoredMessage<RecordedResponse> | undefined;
    }
  | {
      readonly kind: 'aborted' | 'unfinished';
      readonly partial: StoredMessage<RecordedResponse> | undefined;
    };

/** A WebSocket message as a line of JSON holds it: text as it is, binary data in base64. */
export type StoredMessageLine = {
  readonly from: 'client' | 'server';
  readonly at: number;
  readonly opcode: number;
  readonly text?: string;
  readonly base64?: string;
};

/** Describes a captured body for a line of the index, once its position is known. */
export function storedBody(
  of: StoredBody['of'],
  capture: BodyCapture,
  headers: readonly Header[],
): StoredBody {
  const { size, isCut, spilledTo, place, arrivals } = capture;
  return {
    of,
    size,
    encoding: contentCodings(headers),
    cut: isCut || undefined,
    blob: place,
    file: spilledTo,
    arrivals,
  };
}

/** The bodies that a line of the index refers to. */
export function bodiesOf({ request, outcome, webSocket }: StoredExchange): StoredBody[] {
  const answer = outcome.kind === 'completed' ? outcome.response : outcome.partial;
  return [request.body, answer?.body, webSocket?.messages].filter((body) => body !== undefined);
}

type ReadBody = (body: StoredBody) => Promise<Uint8Array>;

/** Fields that are about to be filled in. */
type Unfinished<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Makes an exchange from a parsed line of the index. The line is changed in place, because most of it stays as it is.
 * `read` returns the bytes of a body.
 */
export function restoreExchange(stored: StoredExchange, read: ReadBody): Exchange {
  // JSON has no undefined, and an undefined field in memory does no harm.
  const exchange = stored as unknown as Unfinished<Exchange>;
  const { request, outcome, webSocket } = stored;
  restoreBody(request, read);
  const response = outcome.kind === 'completed' ? outcome.response : outcome.partial;
  if (response) restoreBody(response, read);
  if (webSocket) {
    exchange.webSocket = {
      ...webSocket,
      messages: async function* () {
        yield* parseMessages(await read(webSocket.messages));
      },
    } as WebSocketRecord;
  }
  return exchange;
}

function restoreBody(message: { readonly body: StoredBody | undefined }, read: ReadBody): void {
  const { body: stored } = message;
  if (stored === undefined) return;
  const { size, encoding, cut, arrivals } = stored;
  const bytes = () => read(stored);
  const body: { -readonly [K in keyof Body]: Body[K] } = { size, encoding, bytes };
  if (cut) body.cut = cut;
  if (arrivals) body.arrivals = arrivals;
  (message as { body: object }).body = body;
}

/**
 * The WebSocket messages in a stored body: a line of JSON each.
 *
 * @throws UserError with the number of the message that is damaged
 */
function* parseMessages(bytes: Uint8Array): Iterable<WebSocketMessage> {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .split('\n');
  for (const [index, line] of lines.slice(0, -1).entries()) {
    const message = messageIn(line);
    if (message === undefined)
      throw new UserError(`The journal is damaged at message ${index + 1} of a WebSocket.`);
    const { from, at, opcode, text, base64 } = message;
    const data = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
    yield { from, at, opcode, data };
  }
}

function messageIn(line: string): StoredMessageLine | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return storedMessage(message) === undefined ? (message as StoredMessageLine) : undefined;
  } catch {
    return undefined;
  }
}
