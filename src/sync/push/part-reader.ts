import { type Exchange, headerValue } from '../../exchange.ts';
import type { StreamChunk, StreamHead } from '../../record/live-streams.ts';
import { EventStreamReader } from '../wire/event-stream.ts';
import { maxPartLength, type StreamPart } from '../wire/stream-part.ts';
import type { Encoder } from './encoding.ts';
import { FrameReader } from './frame-reader.ts';
import { LineReader } from './line-reader.ts';
import { type Decoding, decodingOf } from './stream-decoding.ts';

/** Reads the parts of one stream, without their secrets. */
export type PartReader = {
  /** Reads the parts that a chunk completes. */
  read(chunk: StreamChunk): Promise<StreamPart[]>;
  /** Chunks were lost: what cannot be read without them is left out. */
  skip(): void;
  close(): void;
};

/** Makes the reader of a stream, by what it consists of. */
export function partReader(head: StreamHead, encoder: Encoder): PartReader {
  switch (head.kind) {
    case 'socket':
      return socketReader(encoder);
    case 'grpc':
      return grpcReader(head, encoder);
    case 'events':
      return textReader(head, new EventStreamReader(), ({ data, ...fields }) => {
        const text = shortened(encoder.text(data));
        return { ...text.cut, event: { ...shortFields(fields), data: text.text } };
      });
    case 'lines':
      return textReader(head, new LineReader(), (line) => {
        const { text, cut } = shortened(encoder.text(line));
        return { ...cut, line: text };
      });
  }
}

/** The exchange of a stream, as far as it has come. */
export function exchangeOf(head: StreamHead, parts: Partial<Bodies> = {}): Exchange {
  const { key, seq, request, response, upstream, headMs, kind } = head;
  const { startedAt, client, rewritten, ...sent } = request;
  const none = { count: 0, async *messages() {} };
  return {
    id: key,
    seq,
    startedAt,
    request: { ...sent, ...(parts.client && { body: bodyOf(parts.client) }) },
    outcome: {
      kind: 'unfinished',
      partial: { ...response, ...(parts.server && { body: bodyOf(parts.server) }) },
    },
    timings: { headMs, endMs: headMs },
    connection: { ...(client !== undefined && { client }), ...(upstream && { upstream }) },
    ...(rewritten && { rewritten }),
    ...(kind === 'socket' && { webSocket: none }),
  };
}

type Bodies = Record<StreamChunk['from'], Uint8Array>;

function bodyOf(bytes: Uint8Array) {
  return { size: bytes.length, encoding: [], bytes: async () => bytes };
}

function socketReader(encoder: Encoder): PartReader {
  return {
    async read({ from, at, opcode = 2, bytes, size }) {
      const known = { time: at, direction: directionOf(from), size };
      if (bytes === undefined) return [{ ...known, cut: true, message: { opcode, data: '' } }];
      const { data } = encoder.message({ from, at, opcode, data: bytes });
      const { text, cut } = shortened(written(data, opcode));
      return [{ ...known, ...cut, message: { opcode, data: text } }];
    },
    skip() {},
    close() {},
  };
}

function written(data: Uint8Array, opcode: number): string {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString(
    opcode === 1 ? 'utf8' : 'base64',
  );
}

/** A gRPC message is read as the body of an exchange that has nothing else. */
function grpcReader(head: StreamHead, encoder: Encoder): PartReader {
  const readers = { client: new FrameReader(), server: new FrameReader() };
  return {
    async read({ from, at, bytes }) {
      const parts: StreamPart[] = [];
      for (const frame of readers[from].read(bytes ?? new Uint8Array())) {
        const { _grpc: call } = await encoder.entry(exchangeOf(head, { [from]: frame }));
        for (const { type, json, base64, from: side } of call?.messages ?? []) {
          if (side !== from) continue;
          const { text, cut } = shortened(
            json === undefined ? (base64 ?? '') : JSON.stringify(json),
          );
          parts.push({
            time: at,
            direction: directionOf(from),
            size: frame.length,
            ...cut,
            frame: {
              ...(type !== undefined && { type: type.slice(0, 1000) }),
              ...(json === undefined ? { base64: text } : { json: text }),
            },
          });
        }
      }
      return parts;
    },
    skip() {
      for (const reader of [readers.client, readers.server]) reader.skip();
    },
    close() {},
  };
}

/** Reads what a server sends as text. What the client sends is in the request. */
function textReader<T>(
  { response }: StreamHead,
  reader: { read(text: string): T[]; skip(): void },
  partOf: (found: T) => Omit<StreamPart, 'time' | 'direction' | 'size'>,
): PartReader {
  const decoding: Decoding = decodingOf(headerValue(response.headers, 'content-encoding') ?? '');
  return {
    async read({ from, at, bytes }) {
      if (from === 'client' || bytes === undefined) return [];
      const text = await decoding.decode(bytes);
      return reader.read(text).map((found) => ({
        time: at,
        direction: 'received',
        size: sizeOf(found),
        ...partOf(found),
      }));
    },
    skip() {
      decoding.skip();
      reader.skip();
    },
    close: () => decoding.close(),
  };
}

function sizeOf(found: unknown): number {
  if (typeof found === 'string') return Buffer.byteLength(found);
  return Buffer.byteLength((found as { readonly data: string }).data);
}

function shortFields(fields: { readonly id?: string; readonly event?: string }) {
  const { id, event } = fields;
  return {
    ...(id !== undefined && { id: id.slice(0, 1000) }),
    ...(event !== undefined && { event: event.slice(0, 1000) }),
  };
}

// Cut after secrets were replaced: the beginning of a secret is not recognized as one.
function shortened(text: string): { text: string; cut?: { cut: true } } {
  if (text.length <= maxPartLength) return { text };
  return { text: text.slice(0, maxPartLength), cut: { cut: true } };
}

function directionOf(from: StreamChunk['from']): StreamPart['direction'] {
  return from === 'client' ? 'sent' : 'received';
}
