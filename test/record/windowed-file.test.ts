import { appendFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openWindowed } from '../../src/record/windowed-file.ts';
import { newFolder } from '../helpers/folder.ts';

const most = 1024 * 1024;

async function newFile(content: string) {
  const path = join(await newFolder(), 'lines');
  await writeFile(path, content);
  const file = openWindowed(path);
  onTestFinished(() => file.close());
  return { file, append: (text: string) => appendFileSync(path, text) };
}

test('a line has a length once it is complete', async () => {
  const { file, append } = await newFile('one\ntw');
  expect(file.lineLength(0, most)).toBe(3);
  expect(file.lineLength(4, most)).toBeUndefined();
  append('o\n');
  expect(file.lineLength(4, most)).toBe(3);
  expect(file.lineLength(8, most)).toBeUndefined();
  append('\nthree');
  expect(file.lineLength(8, most)).toBe(0);
  expect(file.lineLength(9, most)).toBeUndefined();
  expect(file.read(0, 8).toString()).toBe('one\ntwo\n');
});

test('a long line is found however the file is read', async () => {
  const long = 'x'.repeat(300_000);
  const { file } = await newFile(`a\n${long}\nb\n`);
  expect(file.lineLength(2, most)).toBe(long.length);
  expect(file.lineLength(0, most)).toBe(1);
  expect(file.lineLength(3 + long.length, most)).toBe(1);
});

test('the search for the end of a line stops', async () => {
  const { file } = await newFile(`${'x'.repeat(300_000)}\n`);
  expect(file.lineLength(0, 50_000)).toBeGreaterThan(50_000);
});
