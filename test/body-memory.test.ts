import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { blockBytes, copyBytes, hold, release } from '../src/body-memory.ts';

test('memory is used again when all holders have released it, and not before', () => {
  const bytes = randomBytes(blockBytes);
  const piece = copyBytes(bytes);
  const part = piece.subarray(100, 200);
  hold(part);
  release(piece);
  const other = copyBytes(randomBytes(blockBytes));
  expect(other.buffer).not.toBe(piece.buffer);
  expect(piece.equals(bytes)).toBe(true);
  release(part);
  expect(copyBytes(bytes).buffer).toBe(piece.buffer);
});

test('a piece that is released more often than it was held is not given out twice', () => {
  const piece = copyBytes(randomBytes(blockBytes));
  release(piece);
  release(piece);
  expect(copyBytes(piece).buffer).not.toBe(copyBytes(piece).buffer);
});

test('a small piece does not hold a whole block', () => {
  const bytes = randomBytes(1000);
  const piece = copyBytes(bytes);
  expect(piece.equals(bytes)).toBe(true);
  expect(piece.buffer.byteLength).toBeLessThan(blockBytes);
});

test('other memory is neither held nor released', () => {
  const bytes = Buffer.alloc(blockBytes);
  hold(bytes);
  release(bytes);
  expect(copyBytes(bytes).buffer).not.toBe(bytes.buffer);
});
