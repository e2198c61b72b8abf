import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withCall } from '../../src/grpc/described-calls.ts';
import { fileTypes } from '../../src/grpc/file-types.ts';
import { compileProtos } from '../../src/grpc/proto-files.ts';
import { newFolder } from '../helpers/folder.ts';
import { framed, grpcExchange } from '../helpers/grpc.ts';
import { fc, runs } from '../helpers/properties.ts';

const PROTO = `syntax = "proto3";
package demo.v1;
import "google/protobuf/any.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
service Things { rpc Get(Tree) returns (Tree); }
message Tree {
  string name = 1;
  repeated Tree children = 2;
  map<string, Tree> named = 3;
  google.protobuf.Any any = 4;
  google.protobuf.Value value = 5;
  google.protobuf.Timestamp at = 6;
  double number = 7;
}`;

async function types() {
  const folder = await newFolder();
  await writeFile(join(folder, 'tree.proto'), PROTO);
  return fileTypes(await compileProtos([folder]));
}

async function messageOf(bytes: Uint8Array, source: Awaited<ReturnType<typeof types>>) {
  const { grpc } = await withCall(grpcExchange({ request: framed(bytes) }), source);
  return (await grpc?.call())?.messages[0];
}

test('fields that the type does not have follow under their numbers, at every depth', async () => {
  const inner = [0x0a, 1, 0x62, 0x78, 9];
  const packed = [0x0a, 7, ...Buffer.from('x/no.Typ').subarray(0, 7), 0x12, 2, 0x08, 3];
  const bytes = Buffer.from([
    ...[0x0a, 1, 0x61],
    ...[0x12, inner.length, ...inner],
    ...[0x1a, 3 + 2 + inner.length, 0x0a, 1, 0x6b, 0x12, inner.length, ...inner],
    ...[0x22, packed.length, ...packed],
    ...[0x7a, 2, 0x68, 0x69],
  ]);
  expect((await messageOf(bytes, await types()))?.json).toEqual({
    name: 'a',
    children: [{ name: 'b', 15: 9 }],
    named: { k: { name: 'b', 15: 9 } },
    any: { '@type': 'x/no.Ty', 1: 3 },
    15: 'hi',
  });
});

test('a message that is not of its type is read by number, with a word', async () => {
  // A Timestamp beyond the year 9999 has no form in JSON.
  const late = Buffer.from([0x32, 7, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
  const message = await messageOf(late, await types());
  expect(message?.note).toMatch(/^Not readable as demo\.v1\.Tree: /);
  expect(message?.json).toEqual({ 6: { 1: 4398046511103 } });
  const cut = await messageOf(Buffer.from([0x0a, 50, 0x61]), await types());
  expect(cut?.base64).toBe('CjJh');
});

test('no bytes make a message of a known type that cannot be read and written as JSON', async () => {
  const source = await types();
  const field = fc
    .tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 7 }),
      fc.uint8Array({ maxLength: 12 }),
    )
    .map(([number, type, payload]) =>
      Buffer.from([(number << 3) | type, ...(type === 2 ? [payload.length] : []), ...payload]),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(field, { maxLength: 8 }), async (fields) => {
      const bytes = Buffer.concat(fields);
      const message = await messageOf(bytes, source);
      expect(JSON.stringify(message).length).toBeLessThan(1000 + 100 * bytes.length);
    }),
    { numRuns: runs(300) },
  );
});

test('nesting that would not end is read by number, with a word', async () => {
  let nested: number[] = [0x0a, 1, 0x61];
  for (let level = 0; level < 60; level += 1) nested = [0x12, nested.length, ...nested];
  let deep = Buffer.from(nested);
  for (let level = 0; level < 60; level += 1) {
    const head = [0x12, (deep.length & 0x7f) | 0x80, deep.length >> 7];
    deep = Buffer.concat([Buffer.from(head), deep]);
  }
  const message = await messageOf(deep, await types());
  expect(message?.note).toMatch(/recursion depth/);
});

test('a message of ten megabytes is read', async () => {
  const name = Buffer.alloc(10 * 1024 * 1024, 'a');
  const message = await messageOf(
    Buffer.concat([Buffer.from([0x0a, 0x80, 0x80, 0x80, 0x05]), name]),
    await types(),
  );
  expect(message?.json).toEqual({ name: name.toString() });
});

test('more empty messages than anybody reads stay bytes, with a word', async () => {
  const source = await types();
  const children = Buffer.alloc(1_000_000, Buffer.from([0x12, 0]));
  const message = await messageOf(children, source);
  expect(message?.note).toBe(
    'Not readable as demo.v1.Tree: more than 200000 fields in all messages.',
  );
  expect(message?.base64).toBe(children.toString('base64'));
  // Many small ones are as much.
  const pieces = Array.from({ length: 5 }, () => framed(children.subarray(0, 200_000)));
  const { grpc } = await withCall(grpcExchange({ request: Buffer.concat(pieces) }), source);
  const noted = (await grpc?.call())?.messages.map(({ note }) => note !== undefined);
  expect(noted).toEqual([false, false, true, true, true]);
  // The same as the value of a map.
  const size = [(1_000_000 & 0x7f) | 0x80, ((1_000_000 >> 7) & 0x7f) | 0x80, 1_000_000 >> 14];
  const entry = [(1_000_004 & 0x7f) | 0x80, ((1_000_004 >> 7) & 0x7f) | 0x80, 1_000_004 >> 14];
  const named = Buffer.concat([Buffer.from([0x1a, ...entry, 0x12, ...size]), children]);
  expect((await messageOf(named, source))?.note).toMatch(/more than 200000 fields/);
});
