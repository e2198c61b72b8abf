import { expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange.ts';
import { createWatcher } from '../../src/record/watcher.ts';
import { requestHead, responseHead } from '../helpers/journal.ts';

const marked = requestHead({ rewritten: ['Origin'], client: '127.0.0.1:5' });

function watching() {
  const told: Exchange[] = [];
  return { told, watcher: createWatcher((exchange) => told.push(exchange)) };
}

test('requests are counted, and so are rewritten ones', () => {
  const watcher = createWatcher();
  expect([watcher.begin(requestHead()), watcher.begin(marked)]).toEqual([undefined, undefined]);
  expect(watcher.counts).toEqual({ passed: 2, rewritten: 1 });
});

test('a rewritten exchange is reported when it ends, with the size of its body', async () => {
  const { told, watcher } = watching();
  expect(watcher.begin(requestHead())).toBeUndefined();
  const tap = watcher.begin(marked);
  tap?.response(responseHead({ status: 201 }));
  tap?.responseChunk(new Uint8Array(3));
  tap?.responseChunk(new Uint8Array(4));
  expect(told).toEqual([]);
  tap?.end({ kind: 'completed' });
  expect(told).toMatchObject([
    {
      seq: 2,
      request: { method: 'GET', url: marked.url },
      outcome: { kind: 'completed', response: { status: 201, body: { size: 7, cut: true } } },
      connection: { client: '127.0.0.1:5' },
      rewritten: ['Origin'],
    },
  ]);
});

test('a rewritten exchange without a response is reported with its reason', () => {
  const { told, watcher } = watching();
  const reason = { kind: 'refused', message: 'no' } as const;
  watcher.begin(marked)?.end({ kind: 'failed', reason });
  expect(told.map(({ outcome }) => outcome)).toEqual([{ kind: 'failed', reason }]);
});

test('a stop reports rewritten exchanges in flight, once', () => {
  const { told, watcher } = watching();
  const tap = watcher.begin(marked);
  tap?.response(responseHead());
  watcher.stop();
  tap?.end({ kind: 'aborted' });
  expect(told.map(({ outcome }) => outcome)).toMatchObject([
    { kind: 'unfinished', partial: { status: 200 } },
  ]);
});
