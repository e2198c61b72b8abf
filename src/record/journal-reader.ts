import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type {
  Body,
  Connection,
  Exchange,
  Failure,
  RecordedRequest,
  RecordedResponse,
  Recording,
  Timings,
  WebSocketMessage,
  WebSocketRecord,
} from '../exchange.ts';
import { journalFiles } from './journal.ts';
import { openWindowed, type WindowedFile } from './windowed-file.ts';

/** What was kept of a body, as a line of the index says it. */
export type StoredBody = {
  readonly of: 'request' | 'response' | 'messages';
  readonly size: number;
  readonly encoding: readonly string[];
  readonly cut: true | undefined;
  /** Offset and length in the journal's blob … */
  readonly blob: readonly [offset: number, length: number] | undefined;
  /** … or the name of a file of its own beside it. */
  readonly file: string | undefined;
};

/**
 * An exchange as a line of the index holds it: as in the record, but for its bodies, of which it
 * holds the places, and for what is absent, which is undefined.
 */
export type StoredExchange = Pick<Exchange, 'seq' | 'id' | 'startedAt'> & {
  readonly request: StoredMessage<RecordedRequest>;
  readonly outcome: StoredOutcome;
  readonly timings: Spelled<Timings>;
  readonly connection: Spelled<Connection>;
  readonly webSocket: StoredWebSocket | undefined;
  readonly rewritten: readonly string[] | undefined;
};

/** Optional fields present, but perhaps undefined. */
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

/** A WebSocket message as a line of JSON holds it; text as text where it is, else base64. */
export type StoredMessageLine = {
  readonly from: 'client' | 'server';
  readonly at: number;
  readonly opcode: number;
  readonly text?: string;
  readonly base64?: string;
};

/** A journal that is being read. */
export type OpenJournal = Recording & { close(): void };

/**
 * Opens a journal's folder for reading. Only the places of its exchanges are held in memory; lines
 * and bodies are read when they are asked for. A last line that was cut short is not there.
 *
 * @throws UserError when the folder is no journal
 */
export function openJournal(folder: string): OpenJournal {
  const store = openStore(folder);
  const places = scan(store.index, folder);
  return {
    size: places.length,
    async *read(order) {
      for (const place of order ?? places.keys()) {
        const found = places[place];
        if (found) yield store.at(found);
      }
    },
    close: () => store.close(),
  };
}

/** Where a line of the index is, without its newline; in bytes. */
export type LinePlace = { readonly offset: number; readonly length: number };

/** A journal's files, open for reading; they may still be growing. */
export type JournalStore = {
  readonly index: WindowedFile;
  /** Restores the exchange whose line is there; its bodies are read when they are asked for. */
  at(place: LinePlace): Exchange;
  close(): void;
};

/**
 * Opens the files of a journal's folder.
 *
 * @throws UserError when the folder is no journal
 */
export function openStore(folder: string): JournalStore {
  const index = openFile(folder, journalFiles.index);
  const blob = openFile(folder, journalFiles.blob);
  const read = async (body: StoredBody) => readBody(body, folder, blob);
  return {
    index,
    at: ({ offset, length }) =>
      restoreExchange(parseLine(index.read(offset, length), folder), read),
    close() {
      index.close();
      blob.close();
    },
  };
}

type Place = LinePlace & { readonly seq: number };

// Exchanges stand in the order in which they ended; they are read in the order in which they came.
function scan(index: WindowedFile, folder: string): Place[] {
  const places: Place[] = [];
  let offset = 0;
  let sorted = true;
  for (const line of index.lines()) {
    const seq = Number(/^\{"seq":(\d+),/.exec(line.toString('latin1', 0, 32))?.[1] ?? Number.NaN);
    if (Number.isNaN(seq))
      throw damaged(folder, `line ${places.length + 1} of ${journalFiles.index}`);
    const last = places.at(-1);
    if (last !== undefined && last.seq > seq) sorted = false;
    places.push({ seq, offset, length: line.length });
    offset += line.length + 1;
  }
  return sorted ? places : places.sort((a, b) => a.seq - b.seq);
}

function parseLine(line: Buffer, folder: string): StoredExchange {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    throw damaged(folder, `the line that begins ${JSON.stringify(line.toString('utf8', 0, 40))}`);
  }
}

function damaged(folder: string, where: string, cause?: unknown): UserError {
  return new UserError(`The journal ${folder} is damaged at ${where}.`, { cause });
}

type ReadBody = (body: StoredBody) => Promise<Uint8Array>;

/** Fields that are about to be filled in. */
type Unfinished<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Makes an exchange of what was stored of it, which is thereby used up: most of it stays as it was parsed. `read` gets
 * its bodies' bytes.
 */
export function restoreExchange(stored: StoredExchange, read: ReadBody): Exchange {
  // JSON has no undefined, and in memory a field that is undefined does no harm.
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
  const { size, encoding, cut } = stored;
  const bytes = () => read(stored);
  const body: Body = cut ? { size, encoding, cut, bytes } : { size, encoding, bytes };
  (message as { body: object }).body = body;
}

function readBody(body: StoredBody, folder: string, blob: WindowedFile): Uint8Array {
  if (body.file !== undefined) return readWhole(folder, body.file);
  const [offset, length] = body.blob ?? [0, 0];
  const bytes = blob.read(offset, length);
  if (bytes.length < length) throw damaged(folder, `byte ${offset} of ${journalFiles.blob}`);
  return bytes;
}

function readWhole(folder: string, name: string): Uint8Array {
  try {
    return readFileSync(join(folder, name));
  } catch (cause) {
    throw damaged(folder, name, cause);
  }
}

/** The WebSocket messages in a stored body: a line of JSON each. */
function* parseMessages(bytes: Uint8Array): Iterable<WebSocketMessage> {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .split('\n');
  for (const line of lines.slice(0, -1)) {
    const { from, at, opcode, text, base64 }: StoredMessageLine = JSON.parse(line);
    const data = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
    yield { from, at, opcode, data };
  }
}

function openFile(folder: string, name: string): WindowedFile {
  try {
    return openWindowed(join(folder, name));
  } catch (cause) {
    throw new UserError(`${folder} is not a journal of pmproxy: it has no ${name}.`, {
      cause,
      hint: 'A journal is a folder that a recording leaves behind when it is killed.',
    });
  }
}
