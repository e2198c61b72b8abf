import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type {
  Body,
  Exchange,
  Outcome,
  RecordedRequest,
  RecordedResponse,
  Recording,
  WebSocketMessage,
} from '../exchange.ts';
import type { StoredBody } from './body-capture.ts';
import { journalFiles } from './journal.ts';

/** An exchange as a line of the index holds it. */
export type StoredExchange = Omit<Exchange, 'request' | 'outcome' | 'webSocket'> & {
  readonly request: StoredMessage<RecordedRequest>;
  readonly outcome: StoredOutcome;
  readonly webSocket?: {
    readonly count: number;
    readonly cut?: true;
    readonly closed?: { readonly code: number; readonly reason: string };
    readonly messages: StoredBody;
  };
};

type StoredMessage<T> = Omit<T, 'body'> & {
  readonly body?: StoredBody & { readonly encoding: readonly string[] };
};

export type StoredOutcome =
  | { readonly kind: 'completed'; readonly response?: StoredMessage<RecordedResponse> }
  | (Exclude<Outcome, { kind: 'completed' }> extends infer T
      ? T extends { partial?: unknown }
        ? Omit<T, 'partial'> & { readonly partial?: StoredMessage<RecordedResponse> }
        : never
      : never);

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
  const index = openFile(folder, journalFiles.index);
  const blob = openFile(folder, journalFiles.blob);
  const places = scan(index, folder);
  const stored = { folder, blob };
  return {
    size: places.length,
    async *read(order) {
      for (const place of order ?? places.keys()) {
        const found = places[place];
        if (found) yield restore(parseLine(index.read(found.offset, found.length), folder), stored);
      }
    },
    close() {
      index.close();
      blob.close();
    },
  };
}

type Place = { readonly seq: number; readonly offset: number; readonly length: number };

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
    throw damaged(folder, `the line ${JSON.stringify(line.toString('utf8', 0, 40))}…`);
  }
}

function damaged(folder: string, where: string): UserError {
  return new UserError(`The journal ${folder} is damaged at ${where}.`);
}

type Stored = { readonly folder: string; readonly blob: WindowedFile };

function restore(line: StoredExchange, stored: Stored): Exchange {
  const { request, outcome, webSocket, ...rest } = line;
  return {
    ...rest,
    request: restoreMessage<RecordedRequest>(request, stored),
    outcome: restoreOutcome(outcome, stored),
    ...(webSocket && { webSocket: restoreWebSocket(webSocket, stored) }),
  };
}

function restoreOutcome(outcome: StoredOutcome, stored: Stored): Outcome {
  if (outcome.kind === 'completed') {
    const { response } = outcome;
    return {
      kind: 'completed',
      ...(response && { response: restoreMessage<RecordedResponse>(response, stored) }),
    };
  }
  const { partial, ...rest } = outcome;
  return {
    ...rest,
    ...(partial && { partial: restoreMessage<RecordedResponse>(partial, stored) }),
  } as Outcome;
}

function restoreMessage<T extends { body?: Body }>(message: StoredMessage<T>, stored: Stored): T {
  const { body, ...rest } = message;
  if (body === undefined) return rest as unknown as T;
  const { size, encoding, cut } = body;
  const restored: Body = {
    size,
    encoding,
    ...(cut && { cut }),
    bytes: async () => readBody(body, stored),
  };
  return { ...rest, body: restored } as unknown as T;
}

function readBody(body: StoredBody, { folder, blob }: Stored): Uint8Array {
  if (body.file !== undefined) return readFileSync(join(folder, body.file));
  const [offset, length] = body.blob ?? [0, 0];
  const bytes = blob.read(offset, length);
  if (bytes.length < length) throw damaged(folder, `byte ${offset} of ${journalFiles.blob}`);
  return bytes;
}

function restoreWebSocket(webSocket: NonNullable<StoredExchange['webSocket']>, stored: Stored) {
  const { messages, ...rest } = webSocket;
  return {
    ...rest,
    async *messages(): AsyncIterable<WebSocketMessage> {
      yield* parseMessages(readBody(messages, stored));
    },
  };
}

/** The WebSocket messages in a stored body: a line of JSON each. */
export function* parseMessages(bytes: Uint8Array): Iterable<WebSocketMessage> {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .split('\n');
  for (const line of lines.slice(0, -1)) {
    const { from, at, opcode, text, base64 }: StoredMessageLine = JSON.parse(line);
    const data = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
    yield { from, at, opcode, data };
  }
}

/** A file read through one window: neighbouring places, which is how they are asked for, cost one read. */
type WindowedFile = {
  /** Bytes at a place; fewer where the file ends. A view or a copy: never to be written to. */
  read(offset: number, length: number): Buffer;
  /** The whole lines from the start, without their newlines. */
  lines(): Iterable<Buffer>;
  close(): void;
};

const windowBytes = 1024 * 1024;

function openFile(folder: string, name: string): WindowedFile {
  let file: number;
  try {
    file = openSync(join(folder, name), 'r');
  } catch (cause) {
    throw new UserError(`${folder} is not a journal of pmproxy: it has no ${name}.`, {
      cause,
      hint: 'A journal is a folder that a recording leaves behind when it is killed.',
    });
  }
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  const fill = (offset: number, length: number) => {
    // A new window each time: what was handed out before stays as it is.
    const buffer = Buffer.allocUnsafeSlow(
      Math.max(length, Math.min(windowBytes, fstatSync(file).size - offset), 0),
    );
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(file, buffer, filled, buffer.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    window = buffer.subarray(0, filled);
    start = offset;
  };
  return {
    read(offset, length) {
      if (offset < start || offset + length > start + window.length) fill(offset, length);
      return window.subarray(offset - start, offset - start + length);
    },
    *lines() {
      const size = fstatSync(file).size;
      let carried: Buffer = Buffer.alloc(0);
      for (let offset = 0; offset < size; ) {
        const chunk = Buffer.allocUnsafe(Math.min(windowBytes, size - offset));
        const count = readSync(file, chunk, 0, chunk.length, offset);
        if (count === 0) break;
        offset += count;
        const text =
          carried.length > 0
            ? Buffer.concat([carried, chunk.subarray(0, count)])
            : chunk.subarray(0, count);
        let from = 0;
        for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, from)) {
          yield text.subarray(from, end);
          from = end + 1;
        }
        carried = text.subarray(from);
      }
    },
    close: () => closeSync(file),
  };
}
