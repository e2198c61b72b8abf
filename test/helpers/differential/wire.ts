import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** A header line: its name as sent, and its value without the white space around it (RFC 9112 5). */
export type Field = readonly [name: string, value: string];

/** One message as it came over a wire, so far; text is Latin-1, a character for each byte. */
export type Message = {
  /** The request line or the status line, without its line end. */
  readonly start: string;
  readonly fields: readonly Field[];
  /** What has come of the body, without its framing. */
  body: string;
  trailers: readonly Field[];
  /** `whole` when its framing says that it is; `broken` when its connection ended before. */
  ended: 'whole' | 'broken' | undefined;
};

/** Reads a connection at its own pace: nothing is taken from it that was not asked for. */
export class WireReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #isSlow: boolean;
  #held = Buffer.alloc(0);

  /** @param isSlow lets others have many turns before it takes what has come */
  constructor(socket: Duplex, isSlow = false) {
    this.#isSlow = isSlow;
    this.#chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  }

  /** Whether more has come. A connection that was reset or closed on our side rejects. */
  async #more(): Promise<boolean> {
    for (let turns = this.#isSlow ? 20 : 0; turns > 0; turns -= 1) await turn();
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#held = Buffer.concat([this.#held, value]);
    return true;
  }

  /** Takes a line without its end; nothing when the connection ends before. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#held.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#held.toString('latin1', 0, end);
        this.#held = this.#held.subarray(end + 2);
        return line;
      }
      if (!(await this.#more())) return undefined;
    }
  }

  /** Takes what has come, this much at most; nothing when the connection has ended. */
  async some(most: number): Promise<string | undefined> {
    if (this.#held.length === 0 && !(await this.#more())) return undefined;
    const taken = this.#held.toString('latin1', 0, most);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }
}

/** Reads a message's head, or nothing when the connection ended instead. */
export async function readHead(reader: WireReader): Promise<Message | undefined> {
  const start = await reader.line().catch(() => undefined);
  if (start === undefined) return undefined;
  const fields = await readFields(reader).catch(() => undefined);
  return fields && { start, fields, body: '', trailers: [], ended: undefined };
}

async function readFields(reader: WireReader): Promise<Field[] | undefined> {
  const fields: Field[] = [];
  for (;;) {
    const line = await reader.line();
    if (line === undefined) return undefined;
    if (line === '') return fields;
    const colon = line.indexOf(':');
    fields.push([line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')]);
  }
}

/** The values of a field; its name in lower case. */
export function valuesOf({ fields }: Pick<Message, 'fields'>, wanted: string): string[] {
  return fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}

/**
 * Reads a message's body into it as its framing says (RFC 9112 6.3).
 *
 * @param framing `none` where a body is impossible; `close` where it may last until the connection ends
 * @param onNews called for every piece
 */
export async function readBody(
  reader: WireReader,
  message: Message,
  framing: 'none' | 'close' | 'explicit',
  onNews: () => void = () => {},
): Promise<void> {
  const take = async (length: number) => {
    for (let left = length; left > 0; ) {
      const piece = await reader.some(left);
      if (piece === undefined) return false;
      message.body += piece;
      left -= piece.length;
      onNews();
    }
    return true;
  };
  const isWhole = async () => {
    if (framing === 'none') return true;
    if (/chunked/i.test(valuesOf(message, 'transfer-encoding').join())) {
      for (;;) {
        const size = await reader.line();
        if (size === undefined) return false;
        const length = Number.parseInt(size, 16);
        if (length === 0) break;
        if (!(await take(length)) || (await reader.line()) !== '') return false;
      }
      const trailers = await readFields(reader);
      message.trailers = trailers ?? [];
      return trailers !== undefined;
    }
    const [length] = valuesOf(message, 'content-length');
    if (length !== undefined) return take(Number(length));
    if (framing === 'close') {
      for (let piece = await reader.some(most); piece !== undefined; ) {
        message.body += piece;
        onNews();
        piece = await reader.some(most);
      }
    }
    return true;
  };
  message.ended = (await isWhole().catch(() => false)) ? 'whole' : 'broken';
  onNews();
}

/** How bytes are laid into packets. */
export type Cut = 'whole' | 'lines' | 'bytes';

/** Writes text in packets of this cut, and waits where the connection takes no more. */
export async function sendIn(socket: Duplex, text: string, cut: Cut): Promise<void> {
  for (const packet of packetsOf(text, cut)) {
    if (!socket.writable) return;
    if (!socket.write(packet, 'latin1')) await drained(socket);
    if (cut !== 'whole') await turn();
  }
}

// Byte by byte is for heads: a body's rest goes at once.
const mostPackets = 150;

function packetsOf(text: string, cut: Cut): string[] {
  if (cut === 'whole') return [text];
  const packets = cut === 'bytes' ? text.split('') : text.split(/(?<=\r\n)/);
  return [...packets.slice(0, mostPackets), packets.slice(mostPackets).join('')].filter(Boolean);
}

function drained(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      for (const event of ['drain', 'close', 'error']) socket.off(event, settle);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) socket.once(event, settle);
  });
}

const most = 65_536;

/** Renders header lines. */
export function fieldLines(fields: readonly Field[]): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

/** Renders pieces of a body as chunks, each with this extension (RFC 9112 7.1). */
export function chunked(
  pieces: readonly string[],
  extension = '',
  trailers: readonly Field[] = [],
): string {
  const chunks = pieces
    .filter((piece) => piece !== '')
    .map((piece) => `${piece.length.toString(16)}${extension}\r\n${piece}\r\n`);
  return `${chunks.join('')}0${extension}\r\n${fieldLines(trailers)}\r\n`;
}
