import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Row, StreamPart } from '../../src/sync/wire/page-events.ts';
import { captureClient } from '../helpers/capture-client.ts';
import { newPlace, startListening } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { askHead } from '../helpers/http-client.ts';
import { openTunnel } from '../helpers/raw-client.ts';
import { newClient, newPage, type TestPage } from '../helpers/running-client.ts';
import { deadPort, httpUpstream, webSocketUpstream } from '../helpers/upstream.ts';

const patience = 120_000;

/** A server of event streams: the test writes to the open answers. */
async function eventServer() {
  const open = new Map<string, ServerResponse>();
  const upstream = await httpUpstream((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    open.set(request.url ?? '', response);
  });
  return { upstream, open };
}

/** A client with a page, and a proxy that pushes to it. */
async function streaming(...args: string[]) {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await startListening(await newPlace(), [
    ...['sync', '--no-upstream', '--client', client.captureUrl, '--token', client.token],
    ...args,
  ]);
  await page.state(({ sessions }) => sessions.some(({ online }) => online));
  return { client, page, proxy };
}

/** The streams that a page shows now, by row number. */
function shown({ events }: TestPage): Map<number, Row> {
  const rows = new Map<number, Row>();
  for (const event of events) {
    if (event.type !== 'streams') continue;
    for (const row of event.changed) rows.set(row.n, row);
    for (const { n } of event.gone) rows.delete(n);
  }
  return rows;
}

function partsOf({ events }: TestPage, n: number): StreamPart[] {
  return events.flatMap((event) => (event.type === 'parts' && event.n === n ? event.parts : []));
}

/** Waits until a page shows a stream as it is described. */
function stream(page: TestPage, holds: (row: Row) => boolean): Promise<Row> {
  return eventually(() => {
    const row = [...shown(page).values()].find(holds);
    if (row === undefined) throw new Error(JSON.stringify([...shown(page).values()]));
    return row;
  });
}

test(
  'an event stream is shown when its head has come, then its events, and its exchange replaces it',
  async () => {
    const { upstream, open } = await eventServer();
    const { page, proxy } = await streaming('--redact', 'pin');
    const answer = await askHead(proxy, `${upstream.url}/news?api_key=abcdef123456`);
    const { n } = await stream(page, ({ stream }) => stream?.parts === 0);
    expect(n).toBeLessThan(0);
    expect(shown(page).get(n)).toMatchObject({
      status: 200,
      outcome: 'running',
      url: `${upstream.url}/news?api_key={{api_key}}`,
      stream: { kind: 'events', parts: 0, dropped: 0 },
    });
    page.send({ type: 'follow', stream: n });
    const [source] = open.values();
    source?.write('id: 1\nevent: price\ndata: {"pin":"s3cr3t-value-1"');
    source?.write(',"at":1}\n\n: ping\n\ndata: two\ndata: lines\n\n');
    const parts = await eventually(() => {
      const found = partsOf(page, n);
      expect(found).toHaveLength(2);
      return found;
    });
    expect(parts).toMatchObject([
      {
        direction: 'received',
        event: { id: '1', event: 'price', data: '{"pin":"{{pin}}","at":1}' },
      },
      { direction: 'received', event: { data: 'two\nlines' } },
    ]);
    source?.end();
    answer.resume();
    await page.shows(1);
    await eventually(() => expect(shown(page).size).toBe(0));
    const gone = page.events.flatMap((event) => (event.type === 'streams' ? event.gone : []));
    expect(gone).toEqual([{ n, becomes: page.rows[0]?.n }]);
    expect(page.rows).toMatchObject([{ outcome: 'completed' }]);
    expect(JSON.stringify(page.events)).not.toMatch(/s3cr3t|abcdef123456/);
    expect(proxy.stderr).toMatch(
      /"stream":.*news\?api_key=\{\{api_key\}\}","status":200,"kind":"events"/,
    );
  },
  patience,
);

test(
  'messages of a WebSocket are shown while it is open',
  async () => {
    const upstream = await webSocketUpstream((server) => {
      server.on('connection', (socket) => {
        socket.on('message', (text) => socket.send(`you said ${String(text)}`));
      });
    });
    const { page, proxy } = await streaming();
    const tunnel = await openTunnel(proxy.port, upstream.host);
    const socket = new WebSocket(`${upstream.url}/chat`, { createConnection: () => tunnel });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    const { n } = await stream(page, ({ stream }) => stream?.kind === 'socket');
    page.send({ type: 'follow', stream: n });
    socket.send('hello');
    await eventually(() =>
      expect(partsOf(page, n)).toMatchObject([
        { direction: 'sent', message: { opcode: 1, data: 'hello' } },
        { direction: 'received', message: { opcode: 1, data: 'you said hello' } },
      ]),
    );
    socket.close();
    await page.shows(1);
    expect(page.rows).toMatchObject([{ messages: 4 }]);
    await eventually(() => expect(shown(page).size).toBe(0));
  },
  patience,
);

test(
  'a client that starts later is shown the streams that are open, with their latest parts',
  async () => {
    const { upstream, open } = await eventServer();
    const port = await deadPort();
    const proxy = await startListening(await newPlace(), [
      ...['sync', '--no-upstream', '--no-client', '--client', `http://127.0.0.1:${port}`],
      ...['--token', 'a-token-of-this-test'],
    ]);
    const answer = await askHead(proxy, `${upstream.url}/news`);
    answer.on('error', () => {});
    open.get('/news')?.write('data: early\n\n');
    await proxy.says(/"stream":/);
    const client = await newClient({ port, token: 'a-token-of-this-test' });
    const page = await newPage(client);
    const { n } = await stream(page, (row) => row.stream?.parts === 1);
    page.send({ type: 'follow', stream: n });
    await eventually(() => expect(partsOf(page, n)).toMatchObject([{ event: { data: 'early' } }]));
  },
  patience,
);

test(
  'streams of a proxy that was killed are shown as unfinished',
  async () => {
    const { upstream } = await eventServer();
    const { page, proxy } = await streaming();
    const answer = await askHead(proxy, `${upstream.url}/news`);
    answer.on('error', () => {});
    const { n } = await stream(page, ({ outcome }) => outcome === 'running');
    proxy.kill('SIGKILL');
    await stream(page, (row) => row.n === n && row.outcome === 'unfinished');
  },
  patience,
);

test(
  '500 streams at once are shown, with every part of each',
  async () => {
    const { upstream, open } = await eventServer();
    const { page, proxy } = await streaming();
    const count = 500;
    for (let i = 0; i < count; i += 1) {
      const answer = await askHead(proxy, `${upstream.url}/${i}`);
      answer.on('error', () => {});
      answer.resume();
    }
    await eventually(() => expect(shown(page).size).toBe(count));
    const { n } = await stream(page, ({ url }) => url.endsWith('/250'));
    page.send({ type: 'follow', stream: n });
    const rounds = 20;
    for (let round = 1; round <= rounds; round += 1) {
      for (const answer of open.values()) answer.write(`data: ${round}\n\n`);
      await eventually(() => expect(partsOf(page, n)).toHaveLength(round));
    }
    await eventually(() => {
      const rows = [...shown(page).values()];
      expect(rows.filter(({ stream }) => stream?.parts === rounds)).toHaveLength(count);
    });
    expect([...shown(page).values()].some(({ stream }) => stream?.dropped)).toBe(false);
  },
  patience,
);

test('a client that does not ask for streams is not shown any', async () => {
  const { upstream, open } = await eventServer();
  const client = await captureClient();
  const proxy = await startListening(await newPlace(), [
    ...['sync', '--no-upstream', '--client', client.address],
  ]);
  await eventually(() => expect(client.messages).toHaveLength(1));
  const answer = await askHead(proxy, `${upstream.url}/news`);
  answer.resume();
  await proxy.says(/"stream":/);
  open.get('/news')?.end('data: 1\n\n');
  await client.stored(1);
  expect(client.messages.map(({ type }) => type)).toEqual(['hello', 'exchange']);
  expect(client.messages[0]).toMatchObject({ streams: true });
});
