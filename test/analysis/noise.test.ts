import { expect, test } from 'vitest';
import { noiseFilter, type Quiet } from '../../src/analysis/noise/noise.ts';
import type { Exchange, Recording } from '../../src/exchange.ts';
import { type ExchangeParts, exchange, recordingOf } from '../helpers/exchanges.ts';

async function urlsIn(recording: Recording, places?: number[]): Promise<string[]> {
  const urls: string[] = [];
  for await (const { request } of recording.read(places)) urls.push(request.url);
  return urls;
}

async function withoutNoise(recording: Recording): Promise<Quiet> {
  const { watched, finish } = noiseFilter(recording);
  for await (const _ of watched.read());
  return finish();
}

async function quietUrls(exchanges: readonly Exchange[]): Promise<string[]> {
  return urlsIn((await withoutNoise(recordingOf(exchanges))).recording);
}

const PREFLIGHT: ExchangeParts = {
  method: 'OPTIONS',
  headers: [
    ['Origin', 'http://page.test'],
    ['Access-Control-Request-Method', 'PUT'],
  ],
};

const typed = (type: string): ExchangeParts => ({
  method: 'POST',
  headers: [['Content-Type', type]],
  body: '{}',
});

test.each<[string, ExchangeParts]>([
  ['CORS preflight', PREFLIGHT],
  ['icon', { url: 'http://api.test/favicon.ico' }],
  ['icon', { url: 'http://api.test/apple-touch-icon-120x120.png' }],
  ['beacon', { url: 'https://region1.google-analytics.com/g/collect?v=2' }],
  ['beacon', { url: 'https://shop.test/matomo.php?idsite=1' }],
  ['beacon', { url: 'https://www.facebook.com/tr/?id=1' }],
  ['beacon', typed('text/ping')],
  ['browser housekeeping', { url: 'http://detectportal.firefox.com/success.txt' }],
  ['browser housekeeping', typed('application/csp-report')],
  [
    'browser housekeeping',
    { url: 'http://a.test/.well-known/appspecific/com.chrome.devtools.json' },
  ],
])('%s: %j', async (kind, parts) => {
  const { recording, left } = await withoutNoise(recordingOf([exchange(parts)]));
  expect([...left]).toEqual([[kind, 1]]);
  expect(recording.size).toBe(0);
});

test.each<[string, ExchangeParts]>([
  ['OPTIONS that asks what a server can do', { method: 'OPTIONS' }],
  ['an icon of the application', { url: 'http://api.test/icons/favicon.ico' }],
  ['what somebody collects', { url: 'http://api.test/collect?value=1' }],
  ['a host that only ends alike', { url: 'http://notsegment.io/' }],
  ['JSON', typed('application/json')],
])('%s is kept', async (_, parts) => {
  expect(await quietUrls([exchange(parts)])).toHaveLength(1);
});

const poll = (body: string, parts: ExchangeParts = {}) =>
  exchange({ url: 'http://api.test/inbox', response: { body }, ...parts });
const unchanged = exchange({ url: 'http://api.test/inbox', response: { status: 304 } });

test('the first poll and polls with changed responses are kept', async () => {
  const bodies = ['none', 'none', 'none', 'one', 'one', 'two'];
  const recording = recordingOf([...bodies.map((body) => poll(body)), unchanged]);
  const { recording: quiet, left } = await withoutNoise(recording);
  expect([...left]).toEqual([['repeated poll', 4]]);
  const answers: string[] = [];
  for await (const { outcome } of quiet.read()) {
    if (outcome.kind !== 'completed') continue;
    answers.push(String(Buffer.from((await outcome.response?.body?.bytes()) ?? [])));
  }
  expect(answers).toEqual(['none', 'one', 'two']);
});

test('a single repetition, another user and a change are not polling', async () => {
  expect(await quietUrls([poll('a'), poll('a')])).toHaveLength(2);
  const as = (token: string) => poll('a', { headers: [['Authorization', token]] });
  expect(await quietUrls([as('x'), as('y'), as('z')])).toHaveLength(3);
  const post = () => poll('a', { method: 'POST' });
  expect(await quietUrls([post(), post(), post()])).toHaveLength(3);
});

test('the remaining exchanges can be read again in another order', async () => {
  const exchanges = ['/a', '/favicon.ico', '/b', '/c'].map((path) =>
    exchange({ url: `http://api.test${path}` }),
  );
  const { recording } = await withoutNoise(recordingOf(exchanges));
  expect(await urlsIn(recording)).toEqual(
    ['/a', '/b', '/c'].map((path) => `http://api.test${path}`),
  );
  expect(await urlsIn(recording, [2, 0])).toEqual(['http://api.test/c', 'http://api.test/a']);
});
