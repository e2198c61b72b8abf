import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explicitOutput, writeOutput } from '../../src/output/output.ts';
import { newFolder } from '../helpers/folder.ts';

// Blocks are 512 KB and take turns: one is filled while the one before is on its way to the disk.

const MB = 1024 * 1024;

/** As many different lines as make so many bytes, in pieces of a few. */
function* lines(bytes: number, text: string): Generator<string> {
  const count = Math.ceil(bytes / Buffer.byteLength(`000000 ${text}\n`));
  for (let line = 0; line < count; line += 1) yield `${String(line).padStart(6, '0')} ${text}\n`;
}

const sources: Record<string, () => Generator<string | Uint8Array>> = {
  'many short texts': () => lines(3 * MB, 'short'),
  'texts of three bytes for a character': () => lines(3 * MB, '€'.repeat(50)),
  'texts that hardly fit into a block': function* () {
    for (const letter of 'abcdefgh') yield letter.repeat(MB / 6 - 1);
  },
  'texts and bytes longer than a block between short ones': function* () {
    for (const letter of 'abcd') {
      yield* lines(MB / 3, letter);
      yield letter.repeat(MB);
      yield `${letter}\n`;
      yield Buffer.alloc(MB, letter);
      yield Buffer.from(letter);
    }
  },
  nothing: function* () {},
  'empty texts': function* () {
    for (let count = 0; count < 3; count += 1) yield '';
  },
};

test.each(Object.entries(sources))('%s are written unchanged', async (_, source) => {
  const path = join(await newFolder(), 'out');
  const pieces = [...source()].map((piece) => Buffer.from(piece));
  expect(await writeOutput(await explicitOutput(path), source())).toBe(path);
  expect((await readFile(path)).equals(Buffer.concat(pieces))).toBe(true);
});

test('a source that fails while blocks are being written leaves nothing behind', async () => {
  const folder = await newFolder();
  const fault = new Error('made up');
  function* source() {
    yield* lines(2 * MB, 'x');
    throw fault;
  }
  const output = await explicitOutput(join(folder, 'out'));
  await expect(writeOutput(output, source())).rejects.toBe(fault);
  expect(await readdir(folder)).toEqual([]);
});
