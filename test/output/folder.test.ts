import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RenderedFile } from '../../src/exporters/index.ts';
import { writeFolder } from '../../src/output/folder.ts';
import { newFolder } from '../helpers/folder.ts';
import { filesBelow } from '../helpers/leaks.ts';

async function* files(paths: Iterable<string>): AsyncGenerator<RenderedFile> {
  for (const path of paths) yield { path, chunks: [path, '!'] };
}

const many = Array.from({ length: 300 }, (_, index) => `${index % 7}/${index}.yaml`);

test('many files are written completely, each with its own content', async () => {
  const path = join(await newFolder(), 'out');
  const { bytes } = await writeFolder({ kind: 'folder', path, replace: true }, files(many));
  const found = await filesBelow(path);
  expect([...found.values()].sort()).toEqual(many.map((name) => `${name}!`).sort());
  expect(bytes).toBe(many.join('!').length + 1);
});

test.each([
  ['at the start', [`${'x'.repeat(300)}.yaml`, ...many]],
  ['at the end', [...many, `${'x'.repeat(300)}.yaml`]],
])('a file that cannot be written %s is reported, and no file is left behind', async (_, paths) => {
  const folder = await newFolder();
  const output = { kind: 'folder', path: join(folder, 'out'), replace: true } as const;
  await expect(writeFolder(output, files(paths))).rejects.toThrow('ENAMETOOLONG');
  expect(await readdir(folder)).toEqual([]);
});

test('a failing source is reported, and no file is left behind', async () => {
  const folder = await newFolder();
  const output = { kind: 'folder', path: join(folder, 'out'), replace: true } as const;
  async function* failing() {
    yield* files(many.slice(0, 5));
    throw new Error('The source failed.');
  }
  await expect(writeFolder(output, failing())).rejects.toThrow('The source failed.');
  expect(await readdir(folder)).toEqual([]);
});
