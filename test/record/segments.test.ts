import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compileFilters, everything } from '../../src/record/filters.ts';
import { Journal } from '../../src/record/journal.ts';
import { advance, JournalFollower } from '../../src/record/journal-follower.ts';
import { findJournals } from '../../src/record/journals.ts';
import { createRecorder, type Recorder } from '../../src/record/recorder.ts';
import { workerSeqs } from '../../src/record/worker-seqs.ts';
import { Outbox } from '../../src/sync/push/outbox.ts';
import { newFolder } from '../helpers/folder.ts';
import { readJournal, requestHead, responseHead } from '../helpers/journal.ts';

/** A journal of two workers, which are in this process here. */
async function shared() {
  const home = await newFolder();
  const journal = await Journal.create(home, { version: 'test', outputs: [] }, 2);
  const clock = { beganAt: process.hrtime.bigint(), workers: 2 };
  const segments: Journal[] = [];
  const recorders: Recorder[] = [];
  for (const [at, { folder }] of journal.segments.entries()) {
    const segment = await Journal.openSegment(folder, journal.startedAt);
    segments.push(segment);
    recorders.push(
      createRecorder({
        journal: segment,
        filters: compileFilters(everything),
        maxBodyBytes: Number.POSITIVE_INFINITY,
        responses: true,
        nextSeq: workerSeqs(clock, at + 1),
      }),
    );
  }
  onTestFinished(async () => {
    for (const one of [journal, ...segments]) await one.close();
  });
  /** Begins an exchange at a worker, 0 or 1. */
  const begin = (worker: 0 | 1, name: string, body = `body of ${name}`) => {
    const tap = recorders[worker]?.begin(requestHead({ url: `http://a.test/${name}` }));
    tap?.response(responseHead());
    tap?.responseChunk(Buffer.from(body));
    return () => tap?.end({ kind: 'completed' });
  };
  const flush = async () => {
    for (const recorder of recorders) await recorder.finish();
  };
  return { home, journal, begin, flush };
}

const nameOf = ({ request }: { readonly request: { readonly url: string } }) =>
  request.url.replace('http://a.test/', '');

test('what several workers have written is read in the order in which exchanges began, numbered from 1', async () => {
  const { home, journal, begin, flush } = await shared();
  const large = 'x'.repeat(300_000);
  const ends = [begin(1, 'a'), begin(0, 'b', large), begin(1, 'c'), begin(0, 'd')];
  for (const end of ends.toReversed()) end();
  await flush();
  const exchanges = await readJournal(journal.folder);
  expect(exchanges.map(nameOf)).toEqual(['a', 'b', 'c', 'd']);
  expect(exchanges.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(new Set(exchanges.map(({ id }) => id)).size).toBe(4);
  const bodies = exchanges.map(({ outcome }) =>
    outcome.kind === 'completed' ? outcome.response?.body?.bytes() : undefined,
  );
  expect((await Promise.all(bodies)).map(String)).toEqual([
    ...['body of a', large, 'body of c', 'body of d'],
  ]);
  expect(await findJournals(home)).toMatchObject([{ folder: journal.folder, empty: false }]);
});

test('a journal to which no worker has written is empty', async () => {
  const { home, journal } = await shared();
  expect(await findJournals(home)).toMatchObject([{ folder: journal.folder, empty: true }]);
  expect(await readJournal(journal.folder)).toEqual([]);
});

test('an incomplete last line of one worker costs the others nothing', async () => {
  const { journal, begin, flush } = await shared();
  begin(0, 'a')();
  begin(1, 'b')();
  await flush();
  const [first] = journal.segments;
  await appendFile(join(first?.folder ?? '', 'exchanges.ndjson'), '{"seq":9999999,"id"');
  expect((await readJournal(journal.folder)).map(nameOf)).toEqual(['a', 'b']);
});

test('a follower reads all workers while they write, each exchange once', async () => {
  const { journal, begin, flush } = await shared();
  const follower = new JournalFollower(journal.folder);
  onTestFinished(() => follower.close());
  const cursor = follower.start;
  const news = () => {
    const names: string[] = [];
    for (let line = follower.next(cursor); line; line = follower.next(cursor)) {
      advance(cursor, line);
      names.push(nameOf(follower.exchange(line)));
    }
    return names;
  };
  expect(news()).toEqual([]);
  for (const [worker, name] of [[1, 'a'] as const, [0, 'b'] as const, [1, 'c'] as const])
    begin(worker, name)();
  await flush();
  expect(news()).toEqual(['a', 'b', 'c']);
  begin(0, 'd')();
  await flush();
  expect(news()).toEqual(['d']);
});

test('exchanges of all workers keep the numbers that they were pushed with, also after a restart', async () => {
  const { journal, begin, flush } = await shared();
  const open = () => {
    const follower = new JournalFollower(journal.folder);
    const outbox = new Outbox(journal.folder, follower);
    const close = () => {
      outbox.close();
      follower.close();
    };
    const name = async (seq: number) => {
      const exchange = await outbox.exchange(seq, undefined);
      return exchange && nameOf(exchange);
    };
    return { name, close };
  };
  for (const [worker, name] of [[1, 'a'] as const, [0, 'b'] as const]) begin(worker, name)();
  await flush();
  const first = open();
  expect([await first.name(1), await first.name(2), await first.name(3)]).toEqual([
    ...['a', 'b', undefined],
  ]);
  first.close();
  for (const [worker, name] of [[0, 'c'] as const, [1, 'd'] as const]) begin(worker, name)();
  await flush();
  const second = open();
  onTestFinished(second.close);
  const names = [4, 1, 2, 3].map((seq) => second.name(seq));
  expect(await Promise.all(names)).toEqual(['d', 'a', 'b', 'c']);
  expect(await second.name(5)).toBeUndefined();
});
