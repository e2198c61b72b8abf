import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { openRecordedCalls, type RecordedCallsOptions } from '../../src/calls/recorded-calls.ts';
import type { Exchange } from '../../src/exchange.ts';
import { createMock, firstOrigin, type MockOptions } from '../../src/mock/answerer.ts';
import { type RunningProxy, startProxy } from '../../src/proxy/index.ts';
import { recordingOf } from '../helpers/exchanges.ts';
import { ask, openSecureTunnel } from '../helpers/http-client.ts';
import { recordingProxy, sharedHome } from '../helpers/proxy.ts';
import { openTunnel } from '../helpers/raw-client.ts';
import { httpsUpstream, httpUpstream, webSocketUpstream } from '../helpers/upstream.ts';

type Mock = RunningProxy & { readonly missed: readonly string[]; readonly answered: number };

async function mockOf(
  exchanges: readonly Exchange[],
  options: Partial<MockOptions> & RecordedCallsOptions = {},
): Promise<Mock> {
  const calls = await openRecordedCalls([recordingOf(exchanges)], options);
  const missed: string[] = [];
  let answered = 0;
  const answerer = createMock({
    calls,
    missing: 'refuse',
    timing: 'none',
    onAnswered: () => (answered += 1),
    onMissed: (words) => missed.push(words),
    ...options,
  });
  const proxy = await startProxy({
    port: 0,
    home: await sharedHome(),
    via: 'none',
    answering: { answerer, forwards: options.missing === 'forward' },
    targets: [{ prefix: '', url: firstOrigin(calls) ?? '' }],
  });
  onTestFinished(() => proxy.close(0));
  return Object.assign(Object.create(proxy), {
    missed,
    port: proxy.port,
    get answered() {
      return answered;
    },
  });
}

test('a mock gives the recorded status, header lines in order, body and trailers, with its server gone', async () => {
  const upstream = await httpUpstream((request, response) => {
    response.writeHead(418, 'Short and Stout', [
      'X-B',
      '1',
      'x-a',
      '2',
      'X-B',
      '3',
      'Trailer',
      'X-T',
    ]);
    response.write('some ');
    response.addTrailers({ 'X-T': 'end' });
    response.end(request.url);
  });
  const recorder = await recordingProxy();
  const before = await ask(recorder, `${upstream.url}/tea?hot=1`);
  const mock = await mockOf([await recorder.onlyRecorded()]);
  await upstream.close();
  const after = await ask(mock, `${upstream.url}/tea?hot=1`);
  expect([after.status, after.statusText, after.body.toString()]).toEqual([
    418,
    'Short and Stout',
    'some /tea?hot=1',
  ]);
  expect(after.rawHeaders).toEqual(before.rawHeaders);
  expect(after.rawTrailers).toEqual(before.rawTrailers);
});

test('a mock answers for a server over HTTPS inside of a tunnel', async () => {
  const upstream = await httpsUpstream((_request, response) => response.end('secret place'));
  const recorder = await recordingProxy();
  const over = await openSecureTunnel(recorder, upstream.host);
  await ask(recorder, `${upstream.url}/`, { over });
  const mock = await mockOf([await recorder.onlyRecorded()]);
  await upstream.close();
  const tunnel = await openSecureTunnel(mock, upstream.host);
  expect((await ask(mock, `${upstream.url}/`, { over: tunnel })).body.toString()).toBe(
    'secret place',
  );
});

test('a request that was not recorded is answered 502, in words and in a header, and no server is asked', async () => {
  let asked = 0;
  const upstream = await httpUpstream((_request, response) => {
    asked += 1;
    response.end('ok');
  });
  const recorder = await recordingProxy();
  await ask(recorder, `${upstream.url}/users?page=1`);
  const mock = await mockOf([await recorder.onlyRecorded()]);
  const answer = await ask(mock, `${upstream.url}/users?page=2`);
  const words = `GET ${upstream.url}/users?page=2 was not recorded. Nearest: GET ${upstream.url}/users?page=1. Different: query page: recorded "1", asked "2".`;
  expect(answer.status).toBe(502);
  expect(answer.header('x-pmproxy-miss')).toBe(words);
  expect(answer.body.toString()).toContain(words);
  expect(mock.missed).toEqual([words]);
  expect(asked).toBe(1);
});

test('with forwarding, a request that was not recorded gets the answer of its server', async () => {
  const upstream = await httpUpstream((request, response) => {
    request.pipe(response);
  });
  const recorder = await recordingProxy();
  await ask(recorder, `${upstream.url}/a`);
  const mock = await mockOf([await recorder.onlyRecorded()], { missing: 'forward' });
  const body = 'x'.repeat(300_000);
  for (const headers of [[], ['Transfer-Encoding', 'chunked']]) {
    const answer = await ask(mock, `${upstream.url}/echo`, { method: 'POST', body, headers });
    expect(answer.body.toString()).toBe(body);
  }
  expect(mock.missed).toHaveLength(2);
});

test('asked directly, a mock answers as the recorded server, and links to it lead back to the mock', async () => {
  const upstream = await httpUpstream((request, response) => {
    if (request.url === '/old') {
      const lines = ['Location', `http://${request.headers.host}/new?x=1`];
      response.writeHead(302, [...lines, 'Set-Cookie', 'a=b; Domain=shop.test; Secure; Path=/']);
    }
    response.end(request.url);
  });
  const recorder = await recordingProxy();
  await ask(recorder, `${upstream.url}/old`);
  await ask(recorder, `${upstream.url}/new?x=1`);
  const mock = await mockOf(await recorder.recorded(2));
  const own = `http://127.0.0.1:${mock.port}`;
  const moved = await fetch(`${own}/old`, { redirect: 'manual' });
  expect(moved.headers.get('location')).toBe(`${own}/new?x=1`);
  expect(moved.headers.get('set-cookie')).toBe('a=b; Path=/');
  expect(await (await fetch(`${own}/old`)).text()).toBe('/new?x=1');
  expect((await fetch(`${own}/other`)).status).toBe(502);
});

test('a WebSocket is answered with what its server said, each time after what the client said', async () => {
  const upstream = await webSocketUpstream((server) =>
    server.on('connection', (socket) => {
      socket.send('hello');
      socket.on('message', (data) => {
        socket.send(`first ${data}`);
        socket.send(Buffer.from([1, 2, 3]));
      });
    }),
  );
  const talk = async (proxy: Pick<RunningProxy, 'port'>, expected: number) => {
    const tunnel = await openTunnel(proxy.port, upstream.host);
    const socket = new WebSocket(`${upstream.url}/chat`, { createConnection: () => tunnel });
    const heard: string[] = [];
    socket.on('message', (data, isBinary) => {
      heard.push(isBinary ? (data as Buffer).toString('hex') : String(data));
      if (heard.length === 1 || heard.length === 3) socket.send(`m${heard.length}`);
      if (heard.length === expected) socket.close(1000, 'bye');
    });
    const [code] = await once(socket, 'close');
    return { heard, code };
  };
  const recorder = await recordingProxy();
  const before = await talk(recorder, 5);
  const mock = await mockOf([await recorder.onlyRecorded()]);
  await upstream.close();
  expect(await talk(mock, 5)).toEqual(before);
  expect(before.heard).toEqual(['hello', 'first m1', '010203', 'first m3', '010203']);
});

test('answers take their time where that is asked for', async () => {
  const upstream = await httpUpstream((_request, response) => response.end('slow'));
  const recorder = await recordingProxy();
  await ask(recorder, `${upstream.url}/`);
  const recorded = await recorder.onlyRecorded();
  const slow = { ...recorded, timings: { ...recorded.timings, headMs: 300, endMs: 310 } };
  const mock = await mockOf([slow], { timing: 'recorded' });
  const from = performance.now();
  await ask(mock, `${upstream.url}/`);
  expect(performance.now() - from).toBeGreaterThan(290);
});
