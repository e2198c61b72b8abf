import { describe, expect, test } from 'vitest';
import type { HarEntry } from '../../src/har/types.ts';
import { entryOf } from '../../src/interceptor/capture/entry.ts';
import { readClientMessage } from '../../src/interceptor/push/messages.ts';
import { Outbox, type OutboxStore } from '../../src/interceptor/push/outbox.ts';
import { Transfer } from '../../src/interceptor/push/transfer.ts';
import { type ProxyMessage, proxyMessage } from '../../src/sync/wire/protocol.ts';

const entry = (path: string): HarEntry =>
  entryOf({
    ...{ id: '1', tabId: 1, type: 'xmlhttprequest', method: 'GET', url: `http://a.test/${path}` },
    ...{ startedAt: 0, sentAt: 0, endedAt: 0, requestHeaders: [] },
  });

/** A store that keeps what it is given, as the browser's does. */
function memory() {
  const held = new Map<number, HarEntry>();
  let last = 0;
  const store: OutboxStore = {
    load: async () => ({ entries: [...held].reverse(), last }),
    put(seq, one) {
      held.set(seq, one);
      last = seq;
    },
    remove(seqs) {
      for (const seq of seqs) held.delete(seq);
    },
  };
  return { held, store };
}

const limits = { entries: 3, characters: 100_000 };

describe('the outbox', () => {
  test('gives seqs without gaps, and goes on where it was ended', async () => {
    const { store } = memory();
    const before = await Outbox.open(store, limits);
    for (const path of ['a', 'b', 'c']) before.add(entry(path));
    before.acknowledge(1);
    const after = await Outbox.open(store, limits);
    expect([after.first, after.last, after.size]).toEqual([2, 3, 2]);
    after.add(entry('d'));
    expect(after.entry(4)?.request.url).toBe('http://a.test/d');
    after.acknowledge(4);
    expect([after.first, after.size]).toEqual([5, 0]);
    expect((await Outbox.open(store, limits)).first).toBe(5);
  });

  test('drops the oldest beyond its bounds, and counts them', async () => {
    const { held, store } = memory();
    const outbox = await Outbox.open(store, limits);
    for (let at = 0; at < 5; at += 1) outbox.add(entry(String(at)));
    expect([outbox.first, outbox.size, outbox.dropped]).toEqual([3, 3, 2]);
    expect([...held.keys()]).toEqual([3, 4, 5]);
    const small = await Outbox.open(memory().store, { entries: 9, characters: 1500 });
    for (let at = 0; at < 5; at += 1) small.add(entry('x'.repeat(500)));
    expect(small.size).toBe(1);
    expect(small.dropped).toBe(4);
  });
});

describe('a transfer', () => {
  const session = { id: 's', name: 'Chrome', startedAt: '2026-01-01T00:00:00.000Z', version: '1' };

  async function started(count: number, window = 2) {
    const outbox = await Outbox.open(memory().store, { ...limits, entries: 10 });
    for (let at = 1; at <= count; at += 1) outbox.add(entry(String(at)));
    const sent: ProxyMessage[] = [];
    const ends: (string | undefined)[] = [];
    const transfer = new Transfer({
      ...{ outbox, session, window },
      send: (message) => sent.push(proxyMessage.parse(message)),
      end: (reason) => ends.push(reason),
      onFilters: () => {},
      onChange: () => {},
    });
    const seqs = () => sent.flatMap((message) => (message.type === 'exchange' ? message.seq : []));
    return { outbox, transfer, sent, seqs, ends };
  }

  test('says hello, and goes on behind what the client has stored', async () => {
    const { transfer, sent, seqs, outbox } = await started(4);
    expect(sent).toEqual([{ type: 'hello', protocol: 1, session, from: 1 }]);
    transfer.receive({ type: 'welcome', protocol: 1, last: 2 });
    expect(seqs()).toEqual([3, 4]);
    expect(outbox.first).toBe(3);
  });

  test('sends no further ahead of the acknowledgement than its window', async () => {
    const { transfer, seqs } = await started(5);
    transfer.receive({ type: 'welcome', protocol: 1, last: 0 });
    expect(seqs()).toEqual([1, 2]);
    transfer.receive({ type: 'ack', seq: 1 });
    expect(seqs()).toEqual([1, 2, 3]);
    transfer.receive({ type: 'ack', seq: 3 });
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  test('waits while the client pauses', async () => {
    const { transfer, seqs } = await started(1);
    transfer.receive({ type: 'pause' });
    transfer.receive({ type: 'welcome', protocol: 1, last: 0 });
    expect(seqs()).toEqual([]);
    transfer.receive({ type: 'resume' });
    expect(seqs()).toEqual([1]);
  });

  test('begins again when what comes next was dropped', async () => {
    const { transfer, outbox, ends, seqs } = await started(4, 1);
    transfer.receive({ type: 'welcome', protocol: 1, last: 0 });
    outbox.drop(2);
    transfer.receive({ type: 'ack', seq: 1 });
    expect(seqs()).toEqual([1]);
    expect(ends).toEqual([undefined]);
    expect(outbox.first).toBe(3);
  });

  test.each([
    [{ type: 'welcome', protocol: 2, last: 0 }, 'protocol 2'],
    [{ type: 'ack', seq: 9 }, 'an ack for 9, which was not sent'],
  ] as const)('ends on %j', async (message, reason) => {
    const { transfer, ends } = await started(1);
    transfer.receive(message);
    expect(ends).toEqual([reason]);
  });
});

describe('a message of the client', () => {
  test.each([
    [
      '{"type":"welcome","protocol":1,"last":3,"more":1}',
      { type: 'welcome', protocol: 1, last: 3 },
    ],
    ['{"type":"ack","seq":3}', { type: 'ack', seq: 3 }],
    ['{"type":"pause"}', { type: 'pause' }],
    [
      '{"type":"filters","status":404,"url":["/a/"]}',
      { type: 'filters', status: ['404'], url: ['/a/'] },
    ],
  ])('%s is read', (text, message) => {
    expect(readClientMessage(text)).toEqual(message);
  });

  test.each([
    '{',
    'null',
    '{"type":"ack","seq":-1}',
    '{"type":"welcome","last":0}',
    '{"type":"x"}',
    '{"type":"filters","url":[{}]}',
    5,
  ])('%s is refused', (text) => {
    expect(readClientMessage(text)).toBeTypeOf('string');
  });
});
