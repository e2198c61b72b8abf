import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { advance, followJournal, JournalFollower } from '../../src/record/journal-follower.ts';
import { newFolder } from '../helpers/folder.ts';
import { newRecorder, requestHead, responseHead } from '../helpers/journal.ts';

/** A journal that is being written, and one that follows it. */
async function followed() {
  const { recorder, journal } = await newRecorder();
  const follower = followJournal(journal);
  onTestFinished(async () => {
    follower.close();
    await journal.close();
  });
  const begin = (url: string, body = '') => {
    const tap = recorder.begin(requestHead({ url }));
    tap?.response(responseHead());
    if (body !== '') tap?.responseChunk(Buffer.from(body));
    return () => tap?.end({ kind: 'completed' });
  };
  const cursor = follower.start;
  const next = () => {
    const line = follower.next(cursor);
    if (line === undefined) return undefined;
    advance(cursor, line);
    return follower.exchange(line);
  };
  return { journal, follower, begin, next };
}

test('exchanges are read in the order in which they ended, each as soon as it is written', async () => {
  const { journal, begin, next } = await followed();
  expect(next()).toBeUndefined();
  const [first, second] = [begin('http://a.test/1', 'one'), begin('http://a.test/2', 'two')];
  second();
  await journal.flush();
  expect(next()?.request.url).toBe('http://a.test/2');
  expect(next()).toBeUndefined();
  first();
  await journal.flush();
  const exchange = next();
  const body = exchange?.outcome.kind === 'completed' ? exchange.outcome.response?.body : undefined;
  expect(String(await body?.bytes())).toBe('one');
  expect(next()).toBeUndefined();
});

test('the journal wakes its follower when there is more', async () => {
  const { follower, begin, next } = await followed();
  begin('http://a.test/')();
  await follower.changed();
  expect(next()?.request.url).toBe('http://a.test/');
});

test('lines come while the journal is written, and end when it is complete', async () => {
  const { journal, follower, begin } = await followed();
  const urls: string[] = [];
  const reading = (async () => {
    for await (const line of follower.lines()) {
      urls.push(follower.exchange(line).request.url);
      if (urls.length === 1) begin('http://a.test/2')();
      if (urls.length === 2) {
        begin('http://a.test/3')();
        await journal.flush();
        follower.end();
      }
    }
  })();
  begin('http://a.test/1')();
  await reading;
  expect(urls).toEqual([1, 2, 3].map((n) => `http://a.test/${n}`));
  expect(follower.hasEnded).toBe(true);
});

test('a line that is longer than what is read at once is one line', async () => {
  const { journal, begin, next } = await followed();
  const long = `http://a.test/${'x'.repeat(300_000)}`;
  begin(long)();
  begin('http://a.test/')();
  await journal.flush();
  expect(next()?.request.url).toBe(long);
  expect(next()?.request.url).toBe('http://a.test/');
});

test('a line is read only once it is complete', async () => {
  const { journal, begin, next } = await followed();
  begin('http://a.test/1')();
  await journal.flush();
  const index = join(journal.folder, 'exchanges.ndjson');
  const [whole = ''] = (await readFile(index, 'utf8')).split('\n');
  const second = whole.replace('"seq":1', '"seq":2');
  await appendFile(index, second.slice(0, 40));
  expect(next()?.seq).toBe(1);
  expect(next()).toBeUndefined();
  await appendFile(index, `${second.slice(40)}\n`);
  expect(next()?.seq).toBe(2);
});

test('a folder that is not a journal is refused', async () => {
  const folder = await newFolder();
  expect(() => new JournalFollower(folder)).toThrow(/is not a journal of pmproxy/);
});
