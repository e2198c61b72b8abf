import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { entryOf } from '../../src/har/entry.ts';
import { compileFilters, everything, exchangeFilter } from '../../src/record/filters.ts';
import { Journal } from '../../src/record/journal.ts';
import { createRecorder } from '../../src/record/recorder.ts';
import { Producer, type ProducerOptions } from '../../src/sync/push/producer.ts';
import type { PushNotice } from '../../src/sync/push/push-notices.ts';
import { captureClient, cuttingRelay, type Store } from '../helpers/capture-client.ts';
import { eventually } from '../helpers/eventually.ts';
import { newFolder } from '../helpers/folder.ts';
import { requestHead, responseHead } from '../helpers/journal.ts';
import { cannedUpstream, deadPort, tcpUpstream } from '../helpers/upstream.ts';

type Parts = Partial<Omit<ProducerOptions, 'url'>>;

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
function startProducer(journal: Journal, url: string, parts: Parts = {}) {
  const notices: PushNotice[] = [];
  const producer = new Producer({
    folder: journal.folder,
    url,
    session: { id: randomUUID(), name: 'test', startedAt: new Date(0).toISOString(), version: '0' },
    encode: entryOf,
    compile: ({ methods = [] }) => exchangeFilter(compileFilters({ ...everything, methods })),
    onNotice: (notice) => notices.push(notice),
    backOff: { firstMs: 1, longestMs: 10 },
    ...parts,
  });
  journal.whenWritten(() => producer.written());
  onTestFinished(() => producer.stop());
  return { producer, notices, patiently: () => producer.finish(AbortSignal.timeout(300_000)) };
}

const paths = (entries: readonly { request: { url: string } }[]) =>
  entries.map(({ request }) => new URL(request.url).pathname.slice(1));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));

test('earlier and later exchanges are pushed in order, followed by a bye', async () => {
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

test('on this machine frames are not masked', async () => {
  const client = await captureClient();
  const passed: Buffer[] = [];
  const relay = await tcpUpstream((socket) => {
    const onward = connect(client.port, '127.0.0.1');
    socket
      .on('data', (chunk) => passed.push(chunk))
      .pipe(onward)
      .pipe(socket);
    for (const side of [socket, onward]) side.on('error', () => side.destroy());
  });
  const { journal, record } = await newRecording();
  await record(2);
  const { patiently } = startProducer(journal, `ws://127.0.0.1:${relay.port}/capture`);
  expect(await patiently()).toEqual({ delivered: 2, undelivered: 0 });
  expect(paths(await client.stored(2))).toEqual(upTo(2));
  expect(Buffer.concat(passed).includes('"url":"http://api.test/2"')).toBe(true);
});

test('a producer that has much to send rests on the way', async () => {
  const client = await captureClient();
  const { journal, record } = await newRecording();
  let rests = 0;
  const rest = async () => {
    rests += 1;
  };
  await record(400);
  const { patiently } = startProducer(journal, client.address, { rest });
  await client.stored(400);
  expect(rests).toBe(3);
  for (let stored = 600; stored <= 1000; stored += 200) {
    await record(200);
    await client.stored(stored);
  }
  expect(await patiently()).toEqual({ delivered: 1000, undelivered: 0 });
  expect(rests).toBe(3);
});

test('a client that starts later gets what was recorded meanwhile', async () => {
  const port = await deadPort();
  const { journal, record } = await newRecording();
  const { patiently, notices } = startProducer(journal, `ws://127.0.0.1:${port}/capture`);
  await record(2);
  await eventually(() => expect(notices).toMatchObject([{ kind: 'absent' }]));
  const client = await captureClient({ port });
  expect(paths(await client.stored(2))).toEqual(upTo(2));
  expect(await patiently()).toEqual({ delivered: 2, undelivered: 0 });
  expect(notices.map(({ kind }) => kind)).toEqual(['absent', 'connected']);
});

test('the end does not wait for a client that is absent', async () => {
  const { journal, record } = await newRecording();
  await record(3);
  const never = new AbortController().signal;
  const { producer } = startProducer(journal, `ws://127.0.0.1:${await deadPort()}/capture`);
  expect(await producer.finish(never)).toEqual({ delivered: 0, undelivered: 3 });
});

test('a client that started just after an attempt is tried once more at the end, without delay', async () => {
  const port = await deadPort();
  const { journal, record } = await newRecording();
  await record(3);
  const store: Store = new Map();
  let goOn = () => {};
  const ending = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let calls = 0;
  // Asked before each call.
  const token = async () => {
    calls += 1;
    if (calls === 1) await ending;
    else await captureClient({ port, store });
    return undefined;
  };
  const backOff = { firstMs: 600_000, longestMs: 600_000 };
  const address = `ws://127.0.0.1:${port}/capture`;
  const { producer } = startProducer(journal, address, { token, backOff });
  const ended = producer.finish(new AbortController().signal);
  goOn();
  expect(await ended).toEqual({ delivered: 3, undelivered: 0 });
  expect([...store.values()]).toMatchObject([{ bye: 3 }]);
});

test('the end waits for a client that acknowledges nothing until the signal', async () => {
  const client = await captureClient({ acknowledges: false });
  const { journal, record } = await newRecording();
  await record(3);
  const { producer } = startProducer(journal, client.address);
  await client.stored(3);
  expect(await producer.finish(AbortSignal.timeout(20))).toEqual({ delivered: 0, undelivered: 3 });
  expect([...client.store.values()]).toMatchObject([{ bye: undefined }]);
});

test('a stop takes effect while the token is being looked up', async () => {
  const client = await captureClient();
  const { journal, record } = await newRecording();
  await record(1);
  const looked = new Promise<Producer>((resolve) => {
    const { producer } = startProducer(journal, client.address, {
      token: async () => {
        await Promise.resolve();
        producer.stop();
        resolve(producer);
        return undefined;
      },
    });
  });
  const never = new AbortController().signal;
  expect(await (await looked).finish(never)).toEqual({ delivered: 0, undelivered: 1 });
});

test('a thousand broken connections lose nothing, repeat nothing and keep the order', async () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const client = await captureClient();
  // An event here takes some 900 bytes, hello and welcome with their heads 700.
  const relay = await cuttingRelay(client.port, () => 400 + Math.floor(random() * 3000));
  const { journal, record } = await newRecording();
  const { producer } = startProducer(journal, `ws://127.0.0.1:${relay.port}/capture`);
  let recorded = 0;
  while (relay.connections < 1000) {
    recorded += 5;
    await record(5);
    await eventually(() => {
      const stored = [...client.store.values()][0]?.entries.length ?? 0;
      if (stored < recorded - 20) throw new Error(`${stored} of ${recorded}`);
    });
  }
  expect(paths(await client.stored(recorded))).toEqual(upTo(recorded));
  const rest = await producer.finish(AbortSignal.timeout(300_000));
  expect(rest.delivered + rest.undelivered).toBe(recorded);
}, 300_000);

test('either side may be restarted at any time', async () => {
  const store: Store = new Map();
  const { journal, record } = await newRecording();
  const session = { id: 'one', name: 'test', startedAt: new Date(0).toISOString(), version: '0' };
  const port = await deadPort();
  const address = `ws://127.0.0.1:${port}/capture`;
  let recorded = 0;
  for (let round = 0; round < 20; round += 1) {
    const client = await captureClient({ store, port });
    const first = startProducer(journal, address, { session, window: { frames: 3, bytes: 1e6 } });
    await record(7);
    recorded += 7;
    const stored = () => store.get('one')?.entries.length ?? 0;
    await eventually(() => expect(stored()).toBeGreaterThan(recorded - 7));
    if (round % 3 === 0) await client.close();
    first.producer.stop();
    await first.producer.finish(AbortSignal.abort());
    await client.close();
  }
  const client = await captureClient({ store, port });
  const { patiently } = startProducer(journal, address, { session });
  expect(await patiently()).toEqual({ delivered: recorded, undelivered: 0 });
  expect(paths(await client.stored(recorded))).toEqual(upTo(recorded));
}, 300_000);

test('for a client that stalls for 10,000 exchanges they wait on disk, and nothing is lost', async () => {
  const port = await deadPort();
  const stalled = await captureClient({ port, reads: false });
  const { journal, record } = await newRecording();
  const { producer, patiently } = startProducer(journal, stalled.address);
  await eventually(() => expect(stalled.open.size).toBe(1));
  const body = 'x'.repeat(10_000);
  for (let i = 0; i < 100; i += 1) await record(100, body);
  // Seqs are given to what is about to be sent; all else is on disk only. 8 MB may be under way.
  const given = async () => (await stat(join(journal.folder, 'pushed'))).size / 10;
  await eventually(async () => expect(await given()).toBeGreaterThan(0));
  expect(await given()).toBeLessThan(1000);
  // It goes away, and another takes over what it knew.
  const { store } = stalled;
  await stalled.close();
  const client = await captureClient({ port, store });
  expect(paths(await client.stored(10_000))).toEqual(upTo(10_000));
  expect(await patiently()).toEqual({ delivered: 10_000, undelivered: 0 });
  producer.stop();
}, 300_000);

test('a client that pauses gets nothing until it resumes', async () => {
  const client = await captureClient({ first: [{ type: 'pause' }] });
  const { journal, record } = await newRecording();
  await record(3);
  const { producer, patiently } = startProducer(journal, client.address);
  await eventually(() => expect(client.messages).toMatchObject([{ type: 'hello' }]));
  await record(3);
  client.say({ type: 'resume' });
  await client.stored(6);
  expect(await patiently()).toEqual({ delivered: 6, undelivered: 0 });
  producer.stop();
});

test('the end does not wait for a client that pauses', async () => {
  const client = await captureClient({ first: [{ type: 'pause' }] });
  const { journal, record } = await newRecording();
  await record(3);
  const { producer } = startProducer(journal, client.address);
  await eventually(() => expect(client.messages).toHaveLength(1));
  const never = new AbortController().signal;
  expect(await producer.finish(never)).toEqual({ delivered: 0, undelivered: 3 });
});

test("a client's filters choose what is pushed, from the first exchange on and when they change", async () => {
  const client = await captureClient({ first: [{ type: 'filters', methods: ['POST'] }] });
  const { journal, record } = await newRecording();
  await record(200);
  await record(2, '', 'POST');
  const { patiently } = startProducer(journal, client.address);
  expect(paths(await client.stored(2))).toEqual(['201', '202']);
  client.say({ type: 'filters', surprise: 1 });
  await eventually(async () => {
    await record(1);
    expect([...client.store.values()][0]?.entries.length).toBeGreaterThan(2);
  });
  const { delivered, undelivered } = await patiently();
  expect([delivered, undelivered]).toEqual([(await client.stored(3)).length, 0]);
});

test('invalid filters are ignored, and reported', async () => {
  const client = await captureClient({ first: [{ type: 'filters', url: ['/(/'] }] });
  const { journal, record } = await newRecording();
  const compile = () => {
    throw new Error('this is no pattern');
  };
  const { notices } = startProducer(journal, client.address, { compile });
  await record(1);
  await client.stored(1);
  expect(notices.filter(({ kind }) => kind === 'filters')).toMatchObject([
    { message: expect.stringContaining('this is no pattern') },
  ]);
});

test('a wrong token is reported once, and looked up again before each attempt', async () => {
  const client = await captureClient({ token: 'right' });
  const { journal, record } = await newRecording();
  await record(1);
  let asked = 0;
  const token = async () => {
    asked += 1;
    return asked < 4 ? 'wrong' : 'right';
  };
  const { notices, patiently } = startProducer(journal, client.address, { token });
  await client.stored(1);
  expect(notices.map(({ kind }) => kind)).toEqual(['token', 'connected']);
  expect(client.requests).toHaveLength(4);
  expect(await patiently()).toEqual({ delivered: 1, undelivered: 0 });
});

test.each([
  ['something that is not JSON', '{', 'it is not JSON'],
  ['a type that is unknown', { type: 'launch' }, 'type'],
  ['a value that is none', { type: 'ack', seq: -1 }, 'seq'],
  ['an ack for what was not sent', { type: 'ack', seq: 9 }, 'an ack for 9 when 0 were sent'],
  ['a second welcome', { type: 'welcome', protocol: 1, last: 0 }, 'a second welcome'],
])('%s ends the connection, and the next one works', async (_, said, why) => {
  let connections = 0;
  const client = await captureClient({
    onOpen: (socket) => {
      connections += 1;
      if (connections === 1)
        socket.once('message', () =>
          setImmediate(() => socket.send(typeof said === 'string' ? said : JSON.stringify(said))),
        );
    },
  });
  const { journal, record } = await newRecording();
  const { notices, patiently } = startProducer(journal, client.address);
  await eventually(() => expect(connections).toBe(2));
  await record(2);
  await client.stored(2);
  expect(notices.find(({ kind }) => kind === 'protocol')?.message).toContain(why);
  expect(await patiently()).toEqual({ delivered: 2, undelivered: 0 });
});

test('unknown fields are ignored', async () => {
  const client = await captureClient({
    welcome: JSON.stringify({ type: 'welcome', protocol: 1, last: 0, mood: 'good' }),
  });
  const { journal, record } = await newRecording();
  const { patiently } = startProducer(journal, client.address);
  await record(1);
  expect(await patiently()).toEqual({ delivered: 1, undelivered: 0 });
});

test.each([
  [
    { type: 'welcome', protocol: 2, last: 0 },
    'protocol',
    /speaks protocol 2, this is 1; pmproxy needs/,
  ],
  [{ type: 'welcome', protocol: 0, last: 0 }, 'protocol', /the client needs an update/],
  [{ type: 'welcome', protocol: 1, last: 9 }, 'protocol', /it has 9 exchanges and was sent 0/],
])('a client that says %j is reported once and tried again', async (welcome, kind, message) => {
  const client = await captureClient({ welcome: JSON.stringify(welcome) });
  const { journal } = await newRecording();
  const { notices } = startProducer(journal, client.address);
  await eventually(() => expect(client.requests.length).toBeGreaterThan(3));
  expect(notices.filter((notice) => notice.kind === kind)).toEqual([
    { kind, message: expect.stringMatching(message) },
  ]);
});

const accept = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
test.each([
  ['a web server', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', /it answers 200/],
  ['a server of another protocol', '220 mail.test ESMTP\r\n', /is not a pmproxy client/],
  ['one that hangs up', '', /it closes the connection/],
  ['one that does not know the key', `${accept}Sec-WebSocket-Accept: x\r\n\r\n`, /Accept/],
])('%s is not a client, which is reported once', async (_, answer, message) => {
  const other = await cannedUpstream(answer, 'end');
  const { journal, record } = await newRecording();
  const { notices, producer } = startProducer(journal, `ws://${other.host}/capture`);
  await record(1);
  await eventually(() => expect(other.connections).toBeGreaterThan(3));
  expect(notices).toEqual([{ kind: 'foreign', message: expect.stringMatching(message) }]);
  const never = new AbortController().signal;
  expect(await producer.finish(never)).toEqual({ delivered: 0, undelivered: 1 });
});

test('the bodies of an exchange that does not fit in a frame are truncated and marked', async () => {
  const client = await captureClient();
  const { journal, record } = await newRecording();
  await record(1, '"'.repeat(100_000));
  await record(1, 'small');
  const { patiently } = startProducer(journal, client.address, { maxFrameBytes: 100_000 });
  await patiently();
  const [large, small] = await client.stored(2);
  expect(large?.response.content).toMatchObject({
    size: 100_000,
    text: '"'.repeat(25_000),
    _cut: true,
  });
  expect(small?.response.content.text).toBe('small');
});

test('an exchange with a missing body is pushed without it', async () => {
  const client = await captureClient();
  const { journal, record } = await newRecording();
  // Large enough for a file of its own.
  await record(1, 'x'.repeat(200_000));
  await record(1, 'small');
  await eventually(() => rm(join(journal.folder, '1.response')));
  await eventually(async () =>
    expect((await stat(join(journal.folder, 'exchanges.ndjson'))).size).toBeGreaterThan(500),
  );
  const { patiently, notices } = startProducer(journal, client.address);
  await client.stored(2);
  const stored = await client.stored(2);
  expect(paths(stored).sort()).toEqual(['1', '2']);
  expect(notices.filter(({ kind }) => kind === 'damaged')).toHaveLength(1);
  expect(await patiently()).toEqual({ delivered: 2, undelivered: 0 });
});
