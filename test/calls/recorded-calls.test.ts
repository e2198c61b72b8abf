import { expect, test } from 'vitest';
import { missWords } from '../../src/calls/miss.ts';
import { openRecordedCalls, type RecordedCallsOptions } from '../../src/calls/recorded-calls.ts';
import type { AskedRequest } from '../../src/calls/request-parts.ts';
import type { Exchange } from '../../src/exchange.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';

const JSON_TYPE = [['Content-Type', 'application/json']] as const;

function asked(method: string, path: string, json?: unknown): AskedRequest {
  const url = path.includes('://') ? path : `http://api.test${path}`;
  return {
    method,
    url,
    headers: json === undefined ? [] : JSON_TYPE,
    ...(json !== undefined && { body: Buffer.from(JSON.stringify(json)) }),
  };
}

/** A recorded call; its answer's body says which it was. */
function call(method: string, path: string, answer: string, json?: unknown): Exchange {
  const { url, headers, body } = asked(method, path, json);
  return exchange({
    method,
    url,
    headers,
    ...(body && { body: body.toString() }),
    response: { status: 200, body: answer },
  });
}

/** Asks one after another; the answers' bodies, or in what words there is none. */
async function answersTo(
  exchanges: readonly Exchange[],
  requests: readonly AskedRequest[],
  options?: RecordedCallsOptions,
): Promise<string[]> {
  const calls = await openRecordedCalls([recordingOf(exchanges)], options);
  const answers: string[] = [];
  for (const request of requests) {
    const match = calls.match(request);
    if (match.kind === 'missed') {
      const nearest = match.usedUp ? undefined : await calls.nearest(request);
      answers.push(missWords(request, { ...match, nearest }));
    } else answers.push(await bodyOf(await calls.exchangeAt(match)));
  }
  return answers;
}

async function bodyOf({ outcome }: Exchange): Promise<string> {
  const body = outcome.kind === 'completed' ? outcome.response?.body : undefined;
  return Buffer.from((await body?.bytes()) ?? []).toString();
}

test('a request gets the answer that was recorded for its method, URL and body', async () => {
  const recorded = [
    call('GET', '/users/1', 'one'),
    call('GET', '/users/2', 'two'),
    call('POST', '/users', 'ann', { name: 'Ann', tags: ['a', 'b'] }),
    call('POST', '/users', 'bob', { name: 'Bob', tags: [] }),
    call('GET', '/list?a=1&b=2', 'listed'),
  ];
  const requests = [
    asked('POST', '/users', { tags: [], name: 'Bob' }),
    asked('GET', '/users/2'),
    asked('GET', '/list?b=2&a=1'),
    asked('POST', '/users', { tags: ['a', 'b'], name: 'Ann' }),
  ];
  expect(await answersTo(recorded, requests)).toEqual(['bob', 'two', 'listed', 'ann']);
});

test('a repeated request gets its answers in the order of the recording, then the last one again', async () => {
  const recorded = [
    call('GET', '/job', 'pending'),
    call('GET', '/other', 'x'),
    call('GET', '/job', 'done'),
  ];
  const job = asked('GET', '/job');
  expect(await answersTo(recorded, [job, job, job])).toEqual(['pending', 'done', 'done']);
  const [, , third] = await answersTo(recorded, [job, job, job], { once: true });
  expect(third).toBe('GET http://api.test/job was asked for more often than it was recorded.');
});

test('dates, drawn ids, nonces and tokens match any other of their kind', async () => {
  const recorded = [
    call('GET', '/feed?_=1700000000123', 'feed'),
    call('POST', '/events', 'first', { at: '2026-01-02T03:04:05Z', id: crypto.randomUUID() }),
    call('POST', '/events', 'second', { at: '2026-01-02T03:04:09Z', id: crypto.randomUUID() }),
    call('PUT', '/files/9f86d081884c7d659a2feaa0c55ad015', 'stored', 'hello'),
  ];
  const event = () =>
    asked('POST', '/events', { at: new Date().toISOString(), id: crypto.randomUUID() });
  const requests = [
    asked('GET', '/feed?_=1800000000999'),
    event(),
    event(),
    asked('PUT', '/files/3c363836cf4e16666669a25da280a186', 'hello'),
  ];
  expect(await answersTo(recorded, requests)).toEqual(['feed', 'first', 'second', 'stored']);
});

test('a request with the very id of a recorded one gets that answer and no other', async () => {
  const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
  const recorded = [call('GET', `/users/${one}`, 'one'), call('GET', `/users/${two}`, 'two')];
  const requests = [two, one, two].map((id) => asked('GET', `/users/${id}`));
  expect(await answersTo(recorded, requests)).toEqual(['two', 'one', 'two']);
});

test('a variable in the place of a secret stands for anything', async () => {
  const recorded = [
    call('POST', '/login', 'welcome', { user: 'ann', password: '{{password}}' }),
    call('GET', '/me?token={{token}}&v=1', 'me'),
    call('GET', '/a/{{session}}.json', 'session'),
  ];
  const requests = [
    asked('GET', '/me?token=anything&v=1'),
    asked('GET', '/a/x.y.json'),
    asked('POST', '/login', { user: 'ann', password: 'hunter2' }),
    asked('POST', '/login', { user: 'bob', password: 'hunter2' }),
  ];
  expect(await answersTo(recorded, requests)).toEqual([
    'me',
    'session',
    'welcome',
    'POST http://api.test/login was not recorded. Nearest: POST http://api.test/login. ' +
      'Different: body $.user: recorded "ann", asked "bob".',
  ]);
});

test('a miss names the nearest recorded call, and what differs', async () => {
  const recorded = [
    call('GET', '/users/7/orders?page=1', 'orders'),
    call('POST', '/orders', 'made', { items: [{ sku: 'pen', count: 1 }], gift: true }),
    call('GET', '/about', 'about'),
  ];
  const ask = async (request: AskedRequest) => (await answersTo(recorded, [request]))[0];
  expect(await ask(asked('GET', '/users/8/orders?page=1'))).toContain(
    'Nearest: GET http://api.test/users/7/orders?page=1. Different: path segment 2: recorded "7", asked "8".',
  );
  expect(await ask(asked('GET', '/users/7/orders?page=2&sort=up'))).toContain(
    'Different: query page: recorded "1", asked "2"; query sort: not recorded, asked "up".',
  );
  expect(await ask(asked('DELETE', '/about'))).toContain(
    'Nearest: GET http://api.test/about. Different: method: recorded GET, asked DELETE.',
  );
  expect(await ask(asked('POST', '/orders', { items: [{ sku: 'pen', count: 2 }] }))).toContain(
    'body $.gift: recorded "true", not asked; body $.items[0].count: recorded "1", asked "2".',
  );
  expect(await ask(asked('GET', 'http://other.test/about'))).toContain(
    'host: recorded http://api.test, asked http://other.test.',
  );
  expect(await ask(asked('GET', 'http://other.test/else'))).toContain('nor anything like it');
});

test('multipart bodies are compared part by part, whatever their boundary', async () => {
  const body = (boundary: string, file: string): AskedRequest => ({
    method: 'POST',
    url: 'http://api.test/upload',
    headers: [['Content-Type', `multipart/form-data; boundary=${boundary}`]],
    body: Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${file}\r\n--${boundary}--\r\n`,
    ),
  });
  const { url, headers, body: bytes } = body('one', 'hello');
  const recorded = [
    exchange({ method: 'POST', url, headers, body: bytes!, response: { body: 'stored' } }),
  ];
  const answers = await answersTo(recorded, [body('two', 'hello'), body('two', 'hullo')]);
  expect(answers[0]).toBe('stored');
  expect(answers[1]).toContain('form field file: recorded "hello", asked "hullo"');
});

test('what is ignored matches whatever stands there, or nothing', async () => {
  const recorded = [call('GET', '/a?page=1&lang=en', 'a')];
  const isIgnored = ({ at }: { at: string }) => at === 'query lang';
  const requests = [asked('GET', '/a?page=1&lang=de'), asked('GET', '/a?page=1')];
  expect(await answersTo(recorded, requests, { isIgnored })).toEqual(['a', 'a']);
});

test('calls without an answer that is whole are counted, and are misses', async () => {
  const failed = exchange({ url: 'http://api.test/down', response: null });
  const cut = exchange({
    url: 'http://api.test/long',
    response: { body: { bytes: Buffer.from('long'), cutTo: 2 } },
  });
  const calls = await openRecordedCalls([recordingOf([failed, cut, call('GET', '/', 'x')])]);
  expect(calls.size).toBe(1);
  expect(calls.unanswered).toBe(2);
  expect(calls.match(asked('GET', '/down')).kind).toBe('missed');
});

test('of recordings that contradict each other the later one counts', async () => {
  const old = recordingOf([
    call('GET', '/a', 'old'),
    call('GET', '/b', 'b'),
    call('GET', '/a', 'old 2'),
  ]);
  const fresh = recordingOf([call('GET', '/a', 'new'), call('GET', '/a', 'new 2')]);
  const calls = await openRecordedCalls([old, fresh]);
  expect(calls.superseded).toBe(2);
  const answers: string[] = [];
  for (const path of ['/a', '/b', '/a', '/a']) {
    const match = calls.match(asked('GET', path));
    if (match.kind === 'found') answers.push(await bodyOf(await calls.exchangeAt(match)));
  }
  expect(answers).toEqual(['new', 'b', 'new 2', 'new 2']);
  expect([...calls.unasked()]).toEqual([]);
});
