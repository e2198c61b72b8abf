import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { openRecordedCalls } from '../../src/calls/recorded-calls.ts';
import { createMock } from '../../src/mock/answerer.ts';
import { createAnswering } from '../../src/proxy/answering.ts';
import { Connections } from '../../src/proxy/connections.ts';
import { destinationOf } from '../../src/proxy/destination.ts';
import { type ProxyOptions, startProxy } from '../../src/proxy/index.ts';
import { createUpstreams } from '../../src/proxy/upstream.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { sharedHome } from '../helpers/proxy.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** A mock that asks servers for what was not recorded. */
async function forwardingMock(options: Partial<ProxyOptions> = {}) {
  const calls = await openRecordedCalls([recordingOf([exchange()])]);
  const answerer = createMock({ calls, missing: 'forward', timing: 'none' });
  const proxy = await startProxy({
    port: 0,
    home: await sharedHome(),
    via: 'none',
    answering: { answerer, forwards: true },
    ...options,
  });
  onTestFinished(() => proxy.close(0));
  return proxy;
}

function post(port: number, url: string): ClientRequest {
  const headers = { host: new URL(url).host };
  return request({ host: '127.0.0.1', port, path: url, method: 'POST', headers }).end('body');
}

test('a forwarded answer may take as long as it likes while something comes of it', async () => {
  const answers: ServerResponse[] = [];
  const upstream = await httpUpstream((incoming, response) => {
    answers.push(response);
    incoming.resume();
    response.write('first');
  });
  const clock = manualClock();
  const proxy = await forwardingMock({ clock, timeoutMs: 1000 });
  const [answer] = (await once(post(proxy.port, `${upstream.url}/slow`), 'response')) as [
    IncomingMessage,
  ];
  const chunks = answer[Symbol.asyncIterator]();
  expect(String((await chunks.next()).value)).toBe('first');
  for (let at = 0; at < 4; at += 1) {
    clock.advance(400);
    answers[0]?.write('more');
    expect(String((await chunks.next()).value)).toBe('more');
  }
  answers[0]?.end();
  expect((await chunks.next()).done).toBe(true);
  expect(clock.running).toBe(0);
});

test('a forwarded request that no version of HTTP can carry fails at once', async () => {
  const upstreams = createUpstreams({
    via: 'none',
    timeoutMs: 1000,
    reserved: [],
    isSelf: () => false,
    insecure: () => false,
    trust: [],
    clientCertificates: [],
    connections: new Connections(),
  });
  const answering = createAnswering(async () => 'forward', upstreams);
  const destination = destinationOf('GET', 'http://127.0.0.1:9/', [], { encrypted: false });
  const error = await new Promise<Error>((resolve, reject) => {
    const wrong = () => reject(new Error('It was sent.'));
    answering.send(
      destination!,
      { method: 'NO METHOD', headers: [], body: 'none', upgrade: false, isHttp2: false },
      {
        onOpen: () => true,
        onError: resolve,
        ...{ onSent() {}, onDrain: wrong, onCut: wrong, onInterim: wrong, onHead: wrong },
        ...{ onData: wrong, onEnd: wrong, onSwitch: wrong },
      },
    );
  });
  expect(error.message).toBe('"NO METHOD" is not a method');
});
