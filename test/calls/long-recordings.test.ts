import { expect, test } from 'vitest';
import { CallIndex } from '../../src/calls/call-index.ts';
import type { AskedRequest } from '../../src/calls/request-parts.ts';
import { growsTooFast } from '../helpers/growth.ts';

const asked = (url: string, method = 'GET'): AskedRequest => ({ method, url, headers: [] });

/** An index of these requests, and how often recorded requests were read again. */
function indexOf(requests: readonly AskedRequest[]) {
  const reads: string[] = [];
  const index = new CallIndex({
    isIgnored: () => false,
    once: false,
    requestAt: async ({ place }) => {
      const request = requests[place] as AskedRequest;
      reads.push(request.url);
      return request;
    },
  });
  for (const [place, request] of requests.entries())
    index.add({ recording: 0, place }, request, 200);
  return { index, reads };
}

test('a request that was recorded many times is found as fast the last time as the first', () => {
  const poll = (count: number) => {
    const request = asked('http://a.test/job');
    const { index } = indexOf(Array.from({ length: count }, () => request));
    for (let at = 0; at < count; at += 1)
      expect(index.match(request)).toEqual({ kind: 'found', recording: 0, place: at });
  };
  expect(growsTooFast(poll, [4000, 16_000, 64_000])).toBe(false);
});

test('a request with a removed secret is found without reading recorded requests again', () => {
  const requests = Array.from({ length: 600 }, (_, at) =>
    asked(`http://a.test/users/${at}?token={{token_${at}}}`),
  );
  const { index, reads } = indexOf(requests);
  const found = index.match(asked('http://a.test/users/599?token=xyz'));
  expect(found).toEqual({ kind: 'found', recording: 0, place: 599 });
  expect(reads).toEqual([]);
});

test('a miss is compared with few of many recorded calls, the most similar ones', async () => {
  const requests = Array.from({ length: 20_000 }, (_, at) =>
    asked(`http://a.test/users/${at % 2000}/orders/${at}`),
  );
  const { index, reads } = indexOf(requests);
  const nearest = await index.nearest(asked('http://a.test/users/1999/orders/7'));
  expect(nearest?.url).toBe('http://a.test/users/1999/orders/1999');
  expect(nearest?.differences).toEqual([{ at: 'path segment 4', recorded: '1999', asked: '7' }]);
  reads.length = 0;
  const other = await index.nearest(asked('http://a.test/users/x/orders/7?a=1', 'POST'));
  expect(other?.url).toMatch(/^http:\/\/a\.test\/users\/\d+\/orders\/\d+$/);
  expect(reads.length).toBeLessThanOrEqual(50);
});

test('the nearest call may have another first segment, another host, or fewer segments', async () => {
  const { index } = indexOf([
    asked('http://a.test/v1/users/7'),
    asked('http://b.test/health'),
    asked('http://a.test/'),
  ]);
  const nearestTo = async (url: string) => (await index.nearest(asked(url)))?.url;
  expect(await nearestTo('http://a.test/v2/users/7')).toBe('http://a.test/v1/users/7');
  expect(await nearestTo('http://a.test/health')).toBe('http://b.test/health');
  expect(await nearestTo('http://c.test/v1/users/7')).toBe('http://a.test/v1/users/7');
  expect(await nearestTo('http://c.test/else')).toBeUndefined();
});

test('of recordings with the same volatile request, the later one counts', () => {
  const { index } = indexOf([]);
  const add = (recording: number, url: string) =>
    index.add({ recording, place: 0 }, asked(url), 200);
  add(0, 'http://a.test/feed?_=1700000000123');
  add(1, 'http://a.test/feed?_=1700000000456');
  const match = (url: string) => index.match(asked(url));
  expect(match('http://a.test/feed?_=1800000000999')).toMatchObject({ recording: 1 });
  expect(match('http://a.test/feed?_=1700000000123')).toMatchObject({ recording: 0 });
});
