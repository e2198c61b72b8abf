import type { Header } from '../../exchange.ts';
import { type Framing, framingOf, hopFields, idleMsOf, persists } from './framing.ts';
import { ProtocolError, parseFieldLines, parseStatusLine, type StatusLine } from './head-lines.ts';
import { PendingBytes } from './pending-bytes.ts';

/** The head of an answer; header lines keep their order and case. */
export type AnswerHead = StatusLine & { readonly headers: readonly Header[] };

/** Receives what is read, in order. Bytes are slices of the reader's input. */
export type AnswerListener = {
  /** An interim answer (RFC 9110 15.2). */
  onInterim(head: AnswerHead): void;
  onHead(head: AnswerHead): void;
  onData(chunk: Buffer): void;
  /** The answer is complete. */
  onEnd(trailers: readonly Header[]): void;
  /** The connection has switched protocols; `rest` holds the bytes received after that. */
  onSwitch(head: AnswerHead, rest: Buffer): void;
};

/** The properties of the request that decide how its answer is read. */
export type Question = {
  readonly method: string;
  /** An upgrade was requested (RFC 9110 7.8). */
  readonly upgrade: boolean;
};

/** Longest head and longest trailer section that are read, in bytes. */
const maxHeadBytes = 256 * 1024;

/** Longest line before a chunk; everything after its first digits is unused extensions. */
const maxChunkLineBytes = 16 * 1024;

const LF = 0x0a;
const nothing = Buffer.alloc(0);

/**
 * Reads one HTTP/1.x answer from its connection's bytes (RFC 9112), in pieces of any size. Lines may end with a bare LF
 * (RFC 9112 2.2).
 */
export class AnswerReader {
  /** How long the connection may be kept for another request, in milliseconds; 0 if it may not. */
  idleMs = 0;
  readonly #question: Question;
  readonly #listener: AnswerListener;
  #state: 'head' | 'body' | 'chunk-line' | 'chunk' | 'chunk-end' | 'trailers' | 'done' = 'head';
  /** The received part of an incomplete head or line. */
  readonly #pending = new PendingBytes();
  /** Remaining bytes of the body or the chunk; `Infinity` until the connection ends. */
  #left = 0;
  #begun = false;

  constructor(question: Question, listener: AnswerListener) {
    this.#question = question;
    this.#listener = listener;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Whether any byte of an answer was received. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /**
   * Reads more bytes.
   *
   * @returns the bytes after the answer's end
   * @throws ProtocolError when this is not HTTP
   */
  read(chunk: Buffer): Buffer {
    this.#begun = true;
    let rest = chunk;
    while (rest.length > 0 && this.#state !== 'done') rest = this.#step(rest);
    return rest;
  }

  /**
   * The connection has ended cleanly.
   *
   * @returns whether this also ends the answer
   */
  finish(): boolean {
    if (this.#state === 'body' && this.#left === Number.POSITIVE_INFINITY) this.#end([]);
    return this.isDone;
  }

  #step(bytes: Buffer): Buffer {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes);
      case 'body':
      case 'chunk':
        return this.#readData(bytes);
      case 'chunk-line':
        return this.#readChunkLine(bytes);
      case 'chunk-end':
        return this.#readChunkEnd(bytes);
      default:
        return this.#readTrailers(bytes);
    }
  }

  #readHead(bytes: Buffer): Buffer {
    const all = this.#pending.join(bytes);
    const start = all === bytes ? skipEmptyLines(all) : 0;
    if (!beginsLikeAnswer(all, start))
      throw new ProtocolError(
        `not a status line: ${JSON.stringify(all.toString('latin1', start, start + 20))}`,
      );
    const end = endOfHead(all, start, bytes.length);
    if (end === -1) return this.#keep(all.subarray(start), maxHeadBytes);
    this.#pending.clear();
    const [first = '', ...lines] = linesOf(all.toString('latin1', start, end));
    const { httpVersion, status, statusText } = parseStatusLine(first);
    const head = { httpVersion, status, statusText, headers: parseFieldLines(lines) };
    return this.#begin(head, all.subarray(end));
  }

  #begin(head: AnswerHead, rest: Buffer): Buffer {
    const { method, upgrade } = this.#question;
    const { status, headers } = head;
    const tunnel = method === 'CONNECT' && status >= 200 && status < 300;
    if (tunnel || (status === 101 && upgrade)) {
      this.#state = 'done';
      this.#listener.onSwitch(head, rest);
      return nothing;
    }
    if (status === 101) throw new ProtocolError('a switch of protocols that was not requested');
    if (status < 200) {
      this.#listener.onInterim(head);
      return rest;
    }
    const fields = hopFields(headers);
    const framing = framingOf(method, status, fields);
    if (framing !== 'until-close' && persists(head.httpVersion, fields))
      this.idleMs = idleMsOf(fields);
    this.#listener.onHead(head);
    this.#frame(framing);
    return rest;
  }

  #frame(framing: Framing): void {
    if (framing === 0) this.#end([]);
    else if (framing === 'chunked') this.#state = 'chunk-line';
    else {
      this.#state = 'body';
      this.#left = framing === 'until-close' ? Number.POSITIVE_INFINITY : framing;
    }
  }

  #readData(bytes: Buffer): Buffer {
    const data = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= data.length;
    this.#listener.onData(data);
    if (this.#left === 0) {
      if (this.#state === 'body') this.#end([]);
      else this.#state = 'chunk-end';
    }
    return bytes.subarray(data.length);
  }

  #readChunkLine(bytes: Buffer): Buffer {
    const all = this.#pending.join(bytes);
    const end = all.indexOf(LF);
    if (end === -1) return this.#keep(all, maxChunkLineBytes);
    this.#pending.clear();
    const [, size] = chunkLine.exec(all.toString('latin1', 0, end)) ?? [];
    if (size === undefined) throw new ProtocolError('a chunk without a size');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    return all.subarray(end + 1);
  }

  #readChunkEnd(bytes: Buffer): Buffer {
    const all = this.#pending.join(bytes);
    if (all.length === 1 && all[0] !== LF) return this.#keep(all, 1);
    this.#pending.clear();
    const length = all[0] === LF ? 1 : 2;
    if (all[length - 1] !== LF || (length === 2 && all[0] !== 0x0d))
      throw new ProtocolError('a chunk longer than its announced size');
    this.#state = 'chunk-line';
    return all.subarray(length);
  }

  #readTrailers(bytes: Buffer): Buffer {
    const all = this.#pending.join(bytes);
    const empty = emptyLine(all, 0);
    const end = empty > 0 ? empty : endOfHead(all, 0, bytes.length);
    if (end === -1) return this.#keep(all, maxHeadBytes);
    this.#pending.clear();
    this.#end(empty > 0 ? [] : parseFieldLines(linesOf(all.toString('latin1', 0, end))));
    return all.subarray(end);
  }

  #end(trailers: readonly Header[]): void {
    this.#state = 'done';
    this.#listener.onEnd(trailers);
  }

  #keep(bytes: Buffer, most: number): Buffer {
    if (bytes.length > most) throw new ProtocolError(`a head or a line over ${most} bytes`);
    this.#pending.keep(bytes);
    return nothing;
  }
}

const chunkLine = /^([0-9a-f]{1,12})[ \t]*(?:;[^\r]*)?\r?$/i;

/** The end of the empty line that starts at `from`; 0 if there is none. */
function emptyLine(bytes: Buffer, from: number): number {
  if (bytes[from] === LF) return from + 1;
  return bytes[from] === 0x0d && bytes[from + 1] === LF ? from + 2 : 0;
}

// A protocol other than HTTP/1 may never send a line end, or may wait for the client.
function beginsLikeAnswer(bytes: Buffer, start: number): boolean {
  const length = Math.min(bytes.length - start, protocol.length);
  return bytes.toString('latin1', start, start + length) === protocol.slice(0, length);
}

const protocol = 'HTTP/1.';

// Some servers send an empty line after an answer without a body.
function skipEmptyLines(bytes: Buffer): number {
  let start = 0;
  for (let next = emptyLine(bytes, start); next > 0; next = emptyLine(bytes, start)) start = next;
  return start;
}

/**
 * The end of the empty line after a head; -1 if it has not arrived.
 *
 * @param fresh how many bytes at the end have not been searched before
 */
function endOfHead(bytes: Buffer, start: number, fresh: number): number {
  const from = Math.max(start, bytes.length - fresh - 3);
  const crlf = bytes.indexOf('\n\r\n', from, 'latin1');
  const lf = (crlf === -1 ? bytes : bytes.subarray(0, crlf + 1)).indexOf('\n\n', from, 'latin1');
  if (lf !== -1) return lf + 2;
  return crlf === -1 ? -1 : crlf + 3;
}

function linesOf(head: string): string[] {
  const lines = head.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  while (lines.at(-1) === '') lines.pop();
  return lines;
}
