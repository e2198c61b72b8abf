import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isRunning } from '../../src/running-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { newFolder } from '../helpers/folder.ts';
import { fillDisk } from '../helpers/journal.ts';
import {
  askClient,
  entry,
  newClient,
  newPage,
  newProxy,
  newSession,
  openCapture,
  type Reachable,
} from '../helpers/running-client.ts';

const pathsOf = (rows: readonly { url: string }[]) => rows.map(({ url }) => new URL(url).pathname);
const entries = (...paths: string[]) =>
  Promise.all(paths.map((path) => entry({ url: `http://api.test${path}` })));

test('what a proxy pushes is acknowledged, shown, and stored unchanged', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  const [first, second] = await entries('/a', '/b');
  await proxy.push(first!, second!);
  const rows = await page.shows(2);
  expect(rows).toMatchObject([
    { n: 1, method: 'GET', url: 'http://api.test/a', status: 200, outcome: 'completed', kind: '' },
    { n: 2, url: 'http://api.test/b' },
  ]);
  const headers = { authorization: `Bearer ${client.token}` };
  const { text } = await askClient(client, '/api/exchanges/2', { headers });
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(second)));
});

test('a row has the outcome of an exchange, the kind and size of its response, and the number of its messages', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  const json = { headers: [['Content-Type', 'application/json; charset=utf-8']] as const };
  await proxy.push(
    await entry({ response: { status: 404, body: '{"a":1}', ...json } }),
    await entry({ response: null }),
    { ...(await entry()), _webSocketMessages: [{ type: 'send', time: 1, opcode: 1, data: 'x' }] },
  );
  expect(await page.shows(3)).toMatchObject([
    { status: 404, outcome: 'completed', kind: 'json', size: 7 },
    { status: 0, outcome: 'failed', fault: 'connection refused' },
    { messages: 1 },
  ]);
});

test('a proxy that reconnects continues after what is stored, and repeated exchanges count once', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const session = newSession();
  const [a, b, c] = await entries('/a', '/b', '/c');
  const first = await newProxy(client, session);
  await first.push(a!, b!);
  first.socket.terminate();
  const second = await newProxy(client, session);
  expect(second.last).toBe(2);
  second.send({ type: 'exchange', seq: 2, exchange: b });
  await second.push(c!);
  expect(pathsOf(await page.shows(3))).toEqual(['/a', '/b', '/c']);
});

test('of two connections with one session the newer one wins, and nothing is stored twice', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const session = newSession();
  const all = await entries(...Array.from({ length: 40 }, (_, i) => `/${i}`));
  const older = await newProxy(client, session);
  await older.push(...all.slice(0, 10));
  // Some of these are under way while the newer one comes.
  for (let seq = 11; seq <= 30; seq += 1) {
    older.send({ type: 'exchange', seq, exchange: all[seq - 1] });
  }
  const newer = await newProxy(client, session);
  expect(await older.closed).toMatchObject({ code: 4001 });
  await newer.push(...all.slice(newer.last));
  expect(pathsOf(await page.shows(40))).toEqual(all.map((_, i) => `/${i}`));
  const { sessions } = await page.state(({ sessions }) => sessions[0]?.online === true);
  expect(sessions).toMatchObject([{ id: session.id }]);
});

test('a proxy may begin after the first exchange, but a gap is refused', async () => {
  const client = await newClient();
  const session = newSession();
  const socket = await openCapture(client);
  const send = (message: object) => socket.send(JSON.stringify(message));
  send({ type: 'hello', protocol: 1, session, from: 100 });
  expect(JSON.parse(String((await once(socket, 'message'))[0]))).toMatchObject({ last: 0 });
  send({ type: 'exchange', seq: 100, exchange: await entry() });
  expect(JSON.parse(String((await once(socket, 'message'))[0]))).toEqual({ type: 'ack', seq: 100 });
  send({ type: 'exchange', seq: 102, exchange: await entry() });
  const [code, reason] = await once(socket, 'close');
  expect([code, String(reason)]).toEqual([1008, 'exchange 102 came where 101 was expected']);
});

test('a bye is answered once everything before it is stored', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  proxy.send({ type: 'exchange', seq: 1, exchange: await entry() });
  proxy.send({ type: 'bye', last: 1 });
  expect(await proxy.closed).toMatchObject({ code: 1000 });
  expect(proxy.messages.at(-1)).toEqual({ type: 'ack', seq: 1 });
  await page.shows(1);
  await page.state(({ sessions }) => sessions[0]?.online === false);
});

test('Disconnect and filters reach every proxy, also those that connect later, before their welcome', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const here = await newProxy(client);
  page.send({ type: 'disconnect' });
  page.send({ type: 'filters', methods: ['GET'], kinds: ['json'], notUrl: ['*.png'] });
  const filters = { methods: ['GET'], kinds: ['json'], notUrl: ['*.png'] };
  await page.state((state) => !state.connected && state.filters.methods !== undefined);
  await eventually(() =>
    expect(here.messages).toEqual([
      { type: 'welcome', protocol: 1, last: 0 },
      { type: 'pause' },
      { type: 'filters', ...filters },
    ]),
  );
  const later = await newProxy(client);
  expect(later.messages.map(({ type }) => type)).toEqual(['pause', 'filters', 'welcome']);
  page.send({ type: 'connect' });
  page.send({ type: 'filters' });
  await eventually(() =>
    expect(later.messages.slice(3)).toEqual([{ type: 'resume' }, { type: 'filters' }]),
  );
});

test('invalid filters are refused with a message, and change nothing', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  page.send({ type: 'filters', url: ['/(/'] });
  expect((await page.next('failure')).message).toMatch(
    /--url "\/\(\/": Invalid regular expression/,
  );
  page.send({ type: 'filters', kinds: ['jpeg'] });
  expect((await page.next('failure')).message).toMatch(/--type "jpeg": write/);
  page.send({ type: 'filters', status: ['5xx'] });
  await page.state(({ filters }) => filters.status?.[0] === '5xx');
  await eventually(() =>
    expect(proxy.messages.slice(1)).toEqual([{ type: 'filters', status: ['5xx'] }]),
  );
});

test('a connection that ends without a close frame is noticed', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  await page.state(({ sessions }) => sessions[0]?.online === true);
  proxy.socket.terminate();
  await page.state(({ sessions }) => sessions[0]?.online === false);
  expect(client.notices.map(({ kind }) => kind)).toEqual(['connected', 'disconnected']);
});

describe('a protocol violation ends only its own connection:', () => {
  /** Frames as they are: unmasked ones are a client's fault, and so are these. */
  async function rawCapture({ port, token }: Reachable) {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(
      `GET /capture?token=${token} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n`,
    );
    await once(socket, 'data');
    return socket;
  }

  const masked = (first: number, payload: string) =>
    Buffer.concat([
      Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]),
      Buffer.from(payload, 'latin1'),
    ]);

  /** The length of a frame that is never sent. */
  const huge = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 4, 0, 0, 1, 0, 0, 0, 0]);

  test.each<[string, Buffer]>([
    ['an opcode that is none', masked(0x83, 'x')],
    ['reserved bits', masked(0xf1, 'x')],
    ['a continuation of nothing', masked(0x80, 'x')],
    ['a frame without a mask', Buffer.from([0x81, 1, 0x78])],
    ['a fragmented ping', masked(0x09, 'x')],
    ['text that is no UTF-8', masked(0x81, '\xff\xfe')],
    ['a frame of more than 64 MiB', huge],
    [
      'fragments without end',
      Buffer.concat([masked(0x01, '{'), ...Array(20_000).fill(masked(0x00, ' '))]),
    ],
  ])('%s', async (_, bytes) => {
    const client = await newClient();
    const other = await newProxy(client);
    const socket = await rawCapture(client);
    // However it ends: with a frame, or because the rest of what was sent is not read.
    const ended = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
    socket.resume();
    socket.write(bytes);
    await ended;
    await other.push(await entry());
    expect(client.failures).toEqual([]);
  });

  const hello = { type: 'hello', protocol: 1, session: newSession() };
  test.each<[string, (string | object)[], code: number, reason: RegExp]>([
    ['no JSON', ['{"type":'], 1008, /not JSON/],
    ['an unknown type', [{ type: 'shout' }], 1008, /type/],
    ['a hello of another protocol', [{ ...hello, protocol: 2 }], 1008, /protocol 1, not 2/],
    ['a session without an id', [{ ...hello, session: {} }], 1008, /session\.id/],
    ['an exchange before hello', [{ type: 'bye', last: 0 }], 1002, /hello must come first/],
    ['a second hello', [hello, hello], 1002, /a second hello/],
    [
      'an exchange without a request',
      [hello, { type: 'exchange', seq: 1, exchange: {} }],
      1008,
      /exchange/,
    ],
  ])('%s', async (_, messages, code, reason) => {
    const client = await newClient();
    const other = await newProxy(client);
    const socket = await openCapture(client);
    const closed = once(socket, 'close');
    for (const message of messages) {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    }
    const [given, said] = await closed;
    expect([given, String(said)]).toEqual([code, expect.stringMatching(reason)]);
    await other.push(await entry());
  });

  test('binary messages', async () => {
    const socket = await openCapture(await newClient());
    socket.send(Buffer.from('{}'), { binary: true });
    expect((await once(socket, 'close'))[0]).toBe(1003);
  });

  test('an entry that is nested too deeply to be written', async () => {
    const client = await newClient();
    const other = await newProxy(client);
    const proxy = await newProxy(client);
    const text = JSON.stringify({ type: 'exchange', seq: 1, exchange: await entry() });
    const depth = 100_000;
    const deep = `"_deep":${'['.repeat(depth)}${']'.repeat(depth)}`;
    proxy.send(text.replace('"exchange":{', `"exchange":{${deep},`));
    expect(await proxy.closed).toMatchObject({ code: 1008 });
    await other.push(await entry());
    expect((await (await newPage(client)).shows(1)).map(({ n }) => n)).toEqual([1]);
  });

  test('an entry that cannot be exported', async () => {
    const client = await newClient();
    const proxy = await newProxy(client);
    const broken = { ...(await entry()), startedDateTime: 'yesterday' };
    proxy.send({ type: 'exchange', seq: 1, exchange: broken });
    expect(await proxy.closed).toMatchObject({
      code: 1008,
      reason: expect.stringContaining('startedDateTime'),
    });
  });
});

test('a message of many tiny fragments can be read', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  const text = JSON.stringify({ type: 'exchange', seq: 1, exchange: await entry() });
  for (let at = 0; at < text.length; at += 1) {
    proxy.socket.send(text[at]!, { fin: at === text.length - 1 });
  }
  await page.shows(1);
});

test('on a full disk nothing is acknowledged that is not stored, and the client says why it stops', async () => {
  const client = await newClient();
  const proxy = await newProxy(client);
  await proxy.push(await entry());
  fillDisk(client.history, 'entries-1.ndjson');
  proxy.send({ type: 'exchange', seq: 2, exchange: await entry() });
  await eventually(() => expect(client.failures).toHaveLength(1));
  expect(client.failures[0]?.message).toMatch(/^Cannot write the history to .*: ENOSPC/);
  expect(proxy.messages.at(-1)).toEqual({ type: 'ack', seq: 1 });
  await client.close();
});

describe('a folder for the history', () => {
  test('is continued: rows, their numbers and what was stored of each session', async () => {
    const history = join(await newFolder(), 'kept');
    const session = newSession();
    const before = await newClient({ history });
    await (await newProxy(before, session)).push(...(await entries('/a', '/b')));
    await before.close();

    const after = await newClient({ history });
    const page = await newPage(after);
    const proxy = await newProxy(after, session);
    expect(proxy.last).toBe(2);
    await proxy.push(...(await entries('/c')));
    expect(pathsOf(await page.shows(3))).toEqual(['/a', '/b', '/c']);
    expect(page.rows.map(({ n }) => n)).toEqual([1, 2, 3]);
    const headers = { authorization: `Bearer ${after.token}` };
    const { text } = await askClient(after, '/api/exchanges/1', { headers });
    expect(JSON.parse(text).request.url).toBe('http://api.test/a');
  });

  test.each(['index.ndjson', 'entries-1.ndjson'])(
    'loses half a line at the end of %s, and nothing else',
    async (name) => {
      const history = await newFolder();
      const session = newSession();
      const before = await newClient({ history });
      await (await newProxy(before, session)).push(...(await entries('/a', '/b')));
      await before.close();
      await writeFile(join(history, name), '{"seq":3,"at":[', { flag: 'a' });

      const after = await newClient({ history });
      const page = await newPage(after);
      await (await newProxy(after, session)).push(...(await entries('/c')));
      expect(pathsOf(await page.shows(3))).toEqual(['/a', '/b', '/c']);
      await after.close();
      const lines = (await readFile(join(history, 'entries-1.ndjson'), 'utf8'))
        .trimEnd()
        .split('\n');
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { n: 1, seq: 1, session: session.id },
        { n: 2, seq: 2, exchange: { request: { url: 'http://api.test/b' } } },
        { n: 3, seq: 3 },
      ]);
    },
  );

  test('that is damaged in its middle is refused with a message', async () => {
    const history = await newFolder();
    const before = await newClient({ history });
    await (await newProxy(before)).push(...(await entries('/a', '/b')));
    await before.close();
    const path = join(history, 'index.ndjson');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"n":1,', '"n":7,'));
    await expect(newClient({ history })).rejects.toThrow(/damaged at line 3/);
  });

  test('that another living client uses is refused; that of a dead one is taken over', async () => {
    const history = await newFolder();
    const first = await newClient({ history });
    await expect(newClient({ history })).rejects.toThrow(
      `Process ${process.pid} is already using the history in ${history}.`,
    );
    await first.close();
    const dead = await deadPid();
    await writeFile(join(history, 'client.lock'), JSON.stringify({ pid: dead }));
    await newClient({ history });
  });

  test('is kept by a client that starts while another one creates it, and those of dead clients are removed', async () => {
    const home = await newFolder();
    const names = [`history-${process.pid}-young`, `history-${await deadPid()}-old`, 'history-x'];
    for (const name of names) await mkdir(join(home, 'histories', name), { recursive: true });
    const client = await newClient({ home });
    const left = await readdir(join(home, 'histories'));
    expect(left.toSorted()).toEqual([names[0], basename(client.history)].toSorted());
  });

  test('is removed at the end without --history', async () => {
    const client = await newClient();
    await (await newProxy(client)).push(await entry());
    await expect(readFile(join(client.history, 'index.ndjson'), 'utf8')).resolves.toContain('row');
    await client.close();
    await expect(readFile(join(client.history, 'index.ndjson'))).rejects.toThrow('ENOENT');
  });
});

/** A process id that no process has. */
async function deadPid(): Promise<number> {
  let pid = 4_000_000;
  while (isRunning(pid)) pid -= 1;
  return pid;
}
