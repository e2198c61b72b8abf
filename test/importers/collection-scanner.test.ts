import { describe, expect, test } from 'vitest';
import { type EntrySpan, scanCollection } from '../../src/importers/collection-scanner.ts';
import { fc, runs } from '../helpers/properties.ts';

/** A text as a file that is read in chunks of so many bytes. */
function readable(text: string, chunkBytes: number) {
  const bytes = Buffer.from(text);
  return {
    *chunks() {
      for (let at = 0; at < bytes.length; at += chunkBytes)
        yield bytes.subarray(at, at + chunkBytes);
    },
    read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
}

/** The entries that were found as JSON, the items of folders put back into them. */
function treeOf(text: string, { offset, length, list, children }: EntrySpan): unknown {
  const bytes = Buffer.from(text);
  const end = offset + length;
  if (list === undefined) return JSON.parse(bytes.toString('utf8', offset, end));
  const head = bytes.toString('utf8', offset, list.offset);
  const rest = bytes.toString('utf8', list.offset + list.length, end);
  const item = children.map((child) => treeOf(text, child));
  return { ...JSON.parse(`${head}[]${rest}`), item };
}

const anyTree = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.record({ name: fc.string({ unit: 'grapheme' }), request: fc.jsonValue() }),
    fc.record({
      event: fc.jsonValue(),
      item: fc.array(tie('tree'), { maxLength: 4 }),
      variable: fc.array(fc.record({ item: fc.jsonValue() })),
    }),
  ),
})).tree;

test('the entries of any collection are found for any chunks of the file', () => {
  const root = fc.record({ info: fc.jsonValue(), item: fc.array(anyTree, { maxLength: 4 }) });
  fc.assert(
    fc.property(
      root,
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(0, 1, 2),
      (tree, size, space) => {
        const text = JSON.stringify(tree, null, space);
        const { root: found, ...rest } = scanCollection(readable(text, size));
        expect(rest).toEqual({});
        expect(found && treeOf(text, found)).toEqual(JSON.parse(text));
      },
    ),
    { numRuns: runs(200) },
  );
});

test('a collection stands under a key where it is wrapped', () => {
  const text = '{"meta":{"item":[1]},"collection":{"item":[{"a":1}]}}';
  const { root } = scanCollection(readable(text, 5), 'collection');
  expect(root && treeOf(text, root)).toEqual({ item: [{ a: 1 }] });
});

describe('a file that ends too early', () => {
  const text = '{"info":{},"item":[{"a":1},{"item":[{"b":2},{"c":3}]}]}';

  test.each([
    [text.indexOf('{"c"') + 3, 'item[1].item[1]', { item: [{ a: 1 }, { item: [{ b: 2 }] }] }],
    [text.indexOf('{"item"') + 3, 'item[1]', { item: [{ a: 1 }] }],
    [text.length - 1, 'the collection', { item: [{ a: 1 }, { item: [{ b: 2 }, { c: 3 }] }] }],
  ])('after byte %i ends in the middle of %s', (length, cutIn, whole) => {
    const cut = text.slice(0, length);
    const { root, cutIn: found } = scanCollection(readable(cut, 7));
    expect(found).toBe(cutIn);
    const itemsOf = ({ children, list, offset, length: bytes }: EntrySpan): unknown =>
      list ? { item: children.map(itemsOf) } : JSON.parse(cut.slice(offset, offset + bytes));
    expect(root && itemsOf(root)).toEqual(whole);
  });
});

test.each([
  ['{"item":[{"a":1} {"b":2}]}', 17],
  ['{"item":[}', 9],
])('a misplaced value in %s is a fault', (text, faultAt) => {
  expect(scanCollection(readable(text, 3)).faultAt).toBe(faultAt);
});
