import { expect, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { render, renderItem } from '../helpers/collections.ts';
import { type ExchangeParts, exchange } from '../helpers/exchanges.ts';

/** Sends every header that a runner would add, so that it has nothing to be told. */
const COMPLETE: readonly Header[] = [
  ['Host', 'api.test'],
  ['User-Agent', 'x'],
  ['Accept', '*/*'],
  ['Accept-Encoding', 'gzip'],
  ['Cache-Control', 'no-cache'],
  ['Postman-Token', '1'],
  ['Content-Type', 'text/plain'],
  ['Content-Length', '0'],
];

async function behaviorOf(parts: ExchangeParts) {
  const item = await renderItem(exchange({ headers: COMPLETE, ...parts }));
  return item.protocolProfileBehavior;
}

test('a request that a runner sends unchanged needs no protocol behaviour', async () => {
  expect(await behaviorOf({})).toBeUndefined();
  expect(await behaviorOf({ body: 'x' })).toBeUndefined();
  expect(await behaviorOf({ method: 'POST' })).toBeUndefined();
});

test.each(['GET', 'HEAD', 'COPY', 'PURGE', 'UNLOCK'])(
  'the body of a %s is not pruned',
  async (method) => {
    expect(await behaviorOf({ method, body: 'x' })).toEqual({ disableBodyPruning: true });
  },
);

test.each(['POST', 'DELETE', 'OPTIONS', 'PROPFIND'])(
  'the body of a %s is not pruned anyway',
  async (method) => {
    expect(await behaviorOf({ method, body: 'x' })).toBeUndefined();
  },
);

test.each(['/a b', '/{a}', '/?q="x"', "/?q='x'", '/<a>', '/`', '/\u00e9'])(
  'a URL like %s is not encoded',
  async (target) => {
    expect(await behaviorOf({ url: `http://api.test${target}` })).toEqual({
      disableUrlEncoding: true,
    });
  },
);

test.each(['/a%20b', "/it's", '/?q={x}', '/?q=`', '/%zz', '/a|b^c'])(
  'a URL like %s is not encoded anyway',
  async (target) => {
    expect(await behaviorOf({ url: `http://api.test${target}` })).toBeUndefined();
  },
);

test('a redirect is not followed, as it was recorded in its own right', async () => {
  const headers: Header[] = [['Location', '/x']];
  expect(await behaviorOf({ response: { status: 307, headers } })).toEqual({
    followRedirects: false,
  });
  expect(await behaviorOf({ response: { status: 304 } })).toBeUndefined();
  expect(await behaviorOf({ response: { status: 201, headers } })).toBeUndefined();
});

test('a redirect is not followed when only a later one of identical requests met it', async () => {
  const redirect = { status: 302, headers: [['Location', '/x']] as Header[] };
  const { item } = await render([exchange(), exchange({ response: redirect })]);
  expect(item.map((one) => one.protocolProfileBehavior?.followRedirects)).toEqual([false]);
});

test('headers that were not sent are not added', async () => {
  expect(await behaviorOf({ headers: [], httpVersion: '1.0', method: 'POST', body: 'x' })).toEqual({
    disabledSystemHeaders: {
      accept: true,
      'accept-encoding': true,
      'cache-control': true,
      'content-type': true,
      host: true,
      'postman-token': true,
      'user-agent': true,
    },
  });
});

test('a POST without body or length gets no length', async () => {
  const headers = COMPLETE.filter(([name]) => name !== 'Content-Length');
  expect(await behaviorOf({ headers, method: 'POST' })).toEqual({
    disabledSystemHeaders: { 'content-length': true },
  });
  expect(await behaviorOf({ headers, method: 'DELETE' })).toBeUndefined();
});

test('cookies that an earlier answer set are not sent where the client sent none', async () => {
  const setsCookie = { headers: [['Set-Cookie', 'a=1; Domain=api.test']] as Header[] };
  const { item } = await render([
    exchange({ url: 'http://www.api.test/1', headers: COMPLETE, response: setsCookie }),
    exchange({ url: 'http://api.test/2', headers: COMPLETE }),
    exchange({ url: 'http://api.test/3', headers: [...COMPLETE, ['Cookie', 'a=1']] }),
    exchange({ url: 'http://other.test/4', headers: COMPLETE }),
  ]);
  expect(item.map((one) => one.protocolProfileBehavior)).toEqual([
    undefined,
    { disableCookies: true },
    undefined,
    undefined,
  ]);
});

test('the jar adds nothing to a Cookie header that was kept', async () => {
  const recorded = exchange({ headers: [...COMPLETE, ['Cookie', 'a=1']] });
  const item = await renderItem(recorded, { restrictedHeaders: true });
  expect(item.protocolProfileBehavior).toEqual({ disableCookies: true });
});
