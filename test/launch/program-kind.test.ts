import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programKind } from '../../src/launch/program-kind.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'program-kind-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** An ELF file of 64 bits, little-endian, with program headers of these types (elf(5)). */
function elf(types: readonly number[]): Buffer {
  const bytes = Buffer.alloc(64 + 56 * types.length);
  bytes.write('\x7fELF\x02\x01', 'latin1');
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(types.length, 56);
  for (const [at, type] of types.entries()) bytes.writeUInt32LE(type, 64 + 56 * at);
  return bytes;
}

test.each([
  ['an ELF file without an interpreter is static', elf([1, 1]), 'static'],
  ['one with an interpreter is not', elf([1, 3]), 'other'],
  ['one that ends in its headers is not', elf([1, 1]).subarray(0, 100), 'other'],
  [
    'what Go has made says so',
    Buffer.concat([elf([1]), Buffer.from('\xff Go buildinf:', 'latin1')]),
    'go',
  ],
  ['a script is neither', Buffer.from('#!/bin/sh\n'), 'other'],
  ['an empty file is neither', Buffer.alloc(0), 'other'],
] as const)('%s', async (_, bytes, kind) => {
  const file = join(folder, 'program');
  await writeFile(file, bytes);
  expect(await programKind(file, '')).toBe(kind);
  expect(await programKind('program', `/nowhere:${folder}`)).toBe(kind);
});

test('nothing is known of what is not there, or is a folder', async () => {
  expect(await programKind('no-such-program', dirname(process.execPath))).toBe('other');
  expect(await programKind(folder, '')).toBe('other');
});
