import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { holderOf, lockHistory } from '../../src/hub/history/lock.ts';
import { newFolder } from '../helpers/folder.ts';

/** No system here gives out ids as high as this. */
const deadPid = 2 ** 31 - 2;
const deadLock = `${JSON.stringify({ pid: deadPid })}\n`;

test.each([
  ['nobody had', undefined],
  ['a dead process had', deadLock],
  ['nobody can read the lock of', '{"pid":'],
])('of many processes that want a folder at once which %s, one gets it', async (_, lock) => {
  for (let round = 0; round < 20; round += 1) {
    const folder = await newFolder();
    if (lock !== undefined) await writeFile(join(folder, 'client.lock'), lock);
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockHistory(folder)));
    const refused = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toHaveLength(7);
    for (const error of refused) expect(error).toBeInstanceOf(UserError);
    expect(await readdir(folder)).toEqual(['client.lock']);
    expect(JSON.parse(await readFile(join(folder, 'client.lock'), 'utf8')).pid).toBe(process.pid);
  }
});

test('a locked folder names its process, until it is unlocked', async () => {
  const folder = await newFolder();
  expect(await holderOf(folder)).toBe('none');
  await writeFile(join(folder, 'client.lock'), deadLock);
  expect(await holderOf(folder)).toBe('dead');
  const giveBack = await lockHistory(folder);
  expect(await holderOf(folder)).toBe('living');
  await giveBack();
  expect(await readdir(folder)).toEqual([]);
});
