import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { entryOf } from '../../src/har/entry.ts';
import { compileFilters, everything, exchangeFilter } from '../../src/record/filters.ts';
import { Journal } from '../../src/record/journal.ts';
import { createRecorder } from '../../src/record/recorder.ts';
import { clientAddress } from '../../src/sync/address.ts';
import type { ProducerNotice } from '../../src/sync/announcer.ts';
import { Producer, type ProducerOptions } from '../../src/sync/producer.ts';
import { captureClient, cuttingRelay, type Store } from '../helpers/capture-client.ts';
import { newFolder } from '../helpers/folder.ts';
import { requestHead, responseHead } from '../helpers/journal.ts';
import { deadPort } from '../helpers/upstream.ts';

type Parts = Partial<Omit<ProducerOptions, 'address'>>;

/** A journal that is being written. */
async function newRecording() {
  const journal = await Journal.create(await newFolder(), { version: 'test', outputs: [] });
  const recorder = createRecorder({
    journal,
    filters: compileFilters(everything),
    maxBodyBytes: Number.POSITIVE_INFINITY,
    responses: true,
  });
  onTestFinished(() => journal.close());
  let asked = 0;
  const record = async (count: number, body = 'hello', method = 'GET') => {
    for (let i = 0; i < count; i += 1) {
      asked += 1;
      const tap = recorder.begin(requestHead({ method, url: `http://api.test/${asked}` }));
      tap?.response(responseHead({ headers: [['Content-Type', 'text/plain']] }));
      tap?.responseChunk(Buffer.from(body));
      tap?.end({ kind: 'completed' });
    }
    await journal.flush();
  };
  return { journal, record };
}

/** A producer of that journal; `notices` is what it says. */
function startProducer(journal: Journal, address: string, parts: Parts = {}) {
  const notices: ProducerNotice[] = [];
  const producer = new Producer({
    folder: journal.folder,
    address: clientAddress(address),
    session: { id: randomUUID(), name: 'test', startedAt: new Date(0).toISOString(), version: '0' },
    encode: entryOf,
    compile: ({ methods = [] }) => exchangeFilter(compileFilters({ ...everything, methods })),
    onNotice: (notice) => notices.push(notice),
    backOff: { firstMs: 1, longestMs: 10 },
    ...parts,
  });
  journal.onWritten = () => producer.written();
  onTestFinished(() => producer.stop());
  return { producer, notices, patiently: () => producer.finish(AbortSignal.timeout(60_000)) };
}

const paths = (entries: readonly { request: { url: string } }[]) =>
  entries.map(({ request }) => new URL(request.url).pathname.slice(1));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));

test('what was recorded before and what comes is pushed in order, and the end is said', async () => {
  const client = await captureClient();
  const { journal, record } = await newRecording();
  await record(3);
  const { patiently, notices } = startProducer(journal, client.address);
  await client.stored(3);
  await record(2);
  expect(paths(await client.stored(5))).toEqual(upTo(5));
  expect(await patiently()).toEqual({ delivered: 5, undelivered: 0 });
  expect([...client.store.values()]).toMatchObject([{ bye: 5 }]);
  expect(notices).toMatchObject([{ kind: 'connected' }]);
});
