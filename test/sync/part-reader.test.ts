import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { StreamHead } from '../../src/record/live-streams.ts';
import { createEncoder } from '../../src/sync/push/encoding.ts';
import { partReader } from '../../src/sync/push/part-reader.ts';
import { maxPartLength } from '../../src/sync/wire/stream-part.ts';
import { framed } from '../helpers/grpc.ts';
import { requestHead, responseHead } from '../helpers/journal.ts';

type Given = Pick<StreamHead, 'kind'> & { readonly type: string; readonly coding?: string };

/** Reads what a server sends, and returns the parts. */
function readerOf({ kind, type, coding }: Given, redact: readonly string[] = []) {
  const headers = [['Content-Type', type] as const];
  const coded = coding === undefined ? [] : [['Content-Encoding', coding] as const];
  const head: StreamHead = {
    key: 'k',
    kind,
    seq: 1,
    request: requestHead({ method: 'POST', url: 'http://a.test/demo.Things/Watch', headers }),
    response: responseHead({ headers: [...headers, ...coded] }),
    headMs: 1,
  };
  const reader = partReader(head, createEncoder({ secrets: 'redact', redact }));
  const chunk = (bytes: Uint8Array) => ({ key: 'k', from: 'server' as const, at: 1, bytes });
  return {
    skip: () => reader.skip(),
    read: (text: string | Buffer) => {
      const bytes = Buffer.from(text);
      return reader.read({ ...chunk(bytes), size: bytes.length });
    },
  };
}

const events = { kind: 'events', type: 'text/event-stream' } as const;

test('events that cross chunks, line ends and UTF-8 characters are read whole', async () => {
  const { read } = readerOf(events);
  const text = Buffer.from('\ufeffid: 7\revent: a\r\ndata: é\ndata: b\r\n\r\n:c\n\ndata: x\n\n');
  const parts = [];
  for (const byte of text) parts.push(...(await read(Buffer.from([byte]))));
  expect(parts.map(({ event }) => event)).toEqual([
    { id: '7', event: 'a', data: 'é\nb' },
    { data: 'x' },
  ]);
});

test('compressed events are read as they come', async () => {
  const { read } = readerOf({ ...events, coding: 'gzip' });
  const bytes = gzipSync('data: one\n\n');
  expect(await read(bytes.subarray(0, 12))).toEqual([]);
  expect(await read(bytes.subarray(12))).toMatchObject([{ event: { data: 'one' } }]);
});

test('behind lost chunks, reading goes on with the next event', async () => {
  const { read, skip } = readerOf(events);
  await read('data: begi');
  skip();
  expect(await read('nning\n\ndata: next\n\n')).toMatchObject([{ event: { data: 'next' } }]);
});

test('secrets are replaced before a long event is cut', async () => {
  const { read } = readerOf(events, ['pin']);
  const long = 'x'.repeat(maxPartLength - 20);
  const [part] = await read(`data: {"long":"${long}","pin":"s3cr3t-value-1"}\n\n`);
  expect(part?.cut).toBe(true);
  expect(part?.event?.data).toHaveLength(maxPartLength);
  expect(part?.event?.data).not.toContain('s3cr3t');
});

test('lines of JSON are read one by one, also those of a text sequence', async () => {
  const { read } = readerOf({ kind: 'lines', type: 'application/json-seq' });
  expect(await read('\x1e{"a":1}\n\x1e{"b"')).toMatchObject([{ line: '{"a":1}' }]);
  expect(await read(':2}\r\n')).toMatchObject([{ line: '{"b":2}' }]);
});

test('gRPC messages are read when they are whole', async () => {
  const { read } = readerOf({ kind: 'grpc', type: 'application/grpc' });
  const message = framed(Buffer.from([0x0a, 5, ...Buffer.from('hello')]));
  expect(await read(message.subarray(0, 7))).toEqual([]);
  const [part] = await read(message.subarray(7));
  expect(part).toMatchObject({ direction: 'received', size: message.length });
  expect(part?.frame?.json).toContain('hello');
});
