import { expect, test } from 'vitest';
import { WriteQueue } from '../../src/record/write-queue.ts';
import { fc, runs } from '../helpers/properties.ts';

/** Around the sizes at which pieces are copied and blocks are begun. */
const length = fc.oneof(
  fc.nat(64),
  fc.integer({ min: 16 * 1024 - 3, max: 16 * 1024 + 3 }),
  fc.nat(100_000),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant('bytes' as const), length }),
  fc.record({
    kind: fc.constant('text' as const),
    length,
    unit: fc.constantFrom('a', 'é', '你', '😀'),
  }),
  fc.record({ kind: fc.constant('take' as const) }),
);

test('a queue gives the bytes that were added, in order, whenever they are taken', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new WriteQueue();
      const added: Buffer[] = [];
      const taken: Uint8Array[] = [];
      const take = () => {
        const expected = queue.bytes;
        const { blocks, bytes } = queue.take();
        expect(bytes).toBe(expected);
        expect(blocks.reduce((sum, block) => sum + block.length, 0)).toBe(bytes);
        expect(queue.bytes).toBe(0);
        taken.push(...blocks);
      };
      steps.forEach((given, at) => {
        if (given.kind === 'take') take();
        else if (given.kind === 'bytes') {
          const piece = Buffer.alloc(given.length, at);
          added.push(piece);
          queue.add(piece);
        } else {
          const text = given.unit.repeat(given.length / 4);
          added.push(Buffer.from(text));
          queue.addText(text);
        }
      });
      take();
      expect(Buffer.concat(taken).equals(Buffer.concat(added))).toBe(true);
    }),
    { numRuns: runs(150) },
  );
});

test('small pieces share a block, and taken blocks do not change', () => {
  const queue = new WriteQueue();
  queue.add(Buffer.from('one,'));
  queue.addText('two');
  const { blocks } = queue.take();
  expect(blocks).toHaveLength(1);
  queue.addText('three');
  queue.take();
  expect(Buffer.from(blocks[0]!).toString()).toBe('one,two');
});

test('a piece that was copied may be changed afterwards', () => {
  const queue = new WriteQueue();
  const piece = Buffer.from('kept');
  queue.add(piece);
  piece.fill('x');
  expect(Buffer.concat(queue.take().blocks).toString()).toBe('kept');
});

test('a lone surrogate is written as the replacement character', () => {
  const queue = new WriteQueue();
  queue.addText('a\ud83d');
  expect(Buffer.concat(queue.take().blocks).toString()).toBe('a\ufffd');
});

test('memory is reused once its batch has been written, and not before', () => {
  const queue = new WriteQueue();
  const fill = (byte: number) => {
    for (let i = 0; i < 40; i += 1) queue.add(Buffer.alloc(10_000, byte));
    return queue.take();
  };
  const first = fill(1);
  const second = fill(2);
  expect(Buffer.concat(first.blocks).every((byte) => byte === 1)).toBe(true);
  first.release();
  const third = fill(3);
  expect(Buffer.concat(second.blocks).every((byte) => byte === 2)).toBe(true);
  expect(third.blocks.some(({ buffer }) => first.blocks.some((old) => old.buffer === buffer))).toBe(
    true,
  );
});
