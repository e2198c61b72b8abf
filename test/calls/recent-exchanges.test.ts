import { expect, test } from 'vitest';
import { remembered } from '../../src/calls/recent-exchanges.ts';
import { exchange } from '../helpers/exchanges.ts';

/** Exchanges of this size each, and the places that were read. */
function recordingOf(bytes: number) {
  const reads: number[] = [];
  const readAt = remembered(async ({ place }) => {
    reads.push(place);
    return exchange({ url: `http://a.test/${place}`, response: { body: Buffer.alloc(bytes) } });
  });
  return { reads, read: async (place: number) => (await readAt({ recording: 0, place })).request };
}

test('an exchange that is read again comes from memory', async () => {
  const { reads, read } = recordingOf(10);
  for (const place of [0, 1, 0, 1]) expect((await read(place)).url).toBe(`http://a.test/${place}`);
  expect(reads).toEqual([0, 1]);
});

test('large exchanges are not kept, and of others the last ones up to a limit', async () => {
  const large = recordingOf(1024 * 1024);
  await large.read(0);
  await large.read(0);
  expect(large.reads).toEqual([0, 0]);
  const many = recordingOf(400 * 1024);
  for (let place = 0; place < 60; place += 1) {
    await many.read(place);
    await many.read(0);
  }
  expect(many.reads.filter((place) => place === 0)).toEqual([0]);
  many.reads.length = 0;
  for (const place of [59, 1]) await many.read(place);
  expect(many.reads).toEqual([1]);
});
