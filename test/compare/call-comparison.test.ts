import { expect, test } from 'vitest';
import { openCallComparison } from '../../src/compare/call-comparison.ts';
import { placeLine } from '../../src/compare/finding.ts';
import type { Exchange } from '../../src/exchange.ts';
import { type ExchangeParts, exchange, recordingOf } from '../helpers/exchanges.ts';
import { partsOf, visitApi } from '../helpers/json-api.ts';
import { changed } from '../helpers/json-api-changes.ts';

async function linesOf(yardstick: readonly Exchange[], calls: readonly Exchange[]) {
  const compare = await openCallComparison(recordingOf(yardstick));
  const lines: string[][] = [];
  for (const call of calls) lines.push((await compare(call)).map(placeLine));
  return lines;
}

const get = (path: string, answer: object, parts: ExchangeParts = {}) =>
  exchange({
    url: `https://api.test${path}`,
    response: {
      headers: [['Content-Type', 'application/json']],
      body: JSON.stringify(answer),
    },
    ...parts,
  });

const visit = (seed: number) => visitApi(seed).map((call) => exchange(partsOf(call)));
const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed);

test('no call of 50 runs against an unchanged API differs', async () => {
  const told: string[] = [];
  for (const seed of seeds(50)) {
    const lines = await linesOf(visit(seed), visit(seed + 1000));
    told.push(...lines.flat());
  }
  expect(told).toEqual([]);
});

test.for(seeds(40).map((seed) => ({ seed, ...changed(visitApi(seed + 1000), seed) })))(
  'of a changed API, the changed call differs if it was made: $seed $what',
  async ({ seed, calls, what }) => {
    const fresh = calls.map((call) => exchange(partsOf(call)));
    const lines = (await linesOf(visit(seed), fresh)).flat();
    // A call that is not made any more is not there to differ.
    expect(lines.length > 0).toBe(!what.endsWith(': gone'));
  },
);

test('a call names what differs from its endpoint, and the calls beside it do not', async () => {
  const old = [get('/users/1', { id: 1, name: 'Ann' }), get('/users/2', { id: 2, name: 'Bob' })];
  const calls = [
    get('/users/3', { id: 3, name: 'Cid' }),
    get('/users/4', { id: '4' }),
    get('/users/5?all=1', { id: 5, name: 'Eve' }),
  ];
  expect(await linesOf(old, calls)).toEqual([
    [],
    ['response 200 $.id: number, now string', 'response 200 $.name: string, now gone'],
    ['query all: is new: sent'],
  ]);
});

test('one status of several that the endpoint has is no difference, and a new one is', async () => {
  const missing = { response: { status: 404 } };
  const old = [
    get('/users/1', { id: 1 }),
    exchange({ url: 'https://api.test/users/7', ...missing }),
  ];
  const broken = { response: { status: 500 } };
  const calls = [
    exchange({ url: 'https://api.test/users/9', ...missing }),
    exchange({ url: 'https://api.test/users/8', ...broken }),
    exchange({ url: 'https://api.test/users/8', response: null }),
  ];
  expect(await linesOf(old, calls)).toEqual([
    [],
    ['status: 200, 404, now 500'],
    ['status: 200, 404, now no answer'],
  ]);
});

test('a word where the yardstick has ids is a call of another endpoint', async () => {
  const old = [get('/users/1', { id: 1 }), get('/users/2', { id: 2 })];
  const calls = [get('/users/me', { me: true }), get('/user', {}), get('/users/3', { id: 3 })];
  expect(await linesOf(old, calls)).toEqual([
    ['is new: it was not called before'],
    ['is new: it was not called before'],
    [],
  ]);
});

test('a run against another host than the only one of the yardstick is compared with it, and further hosts are new', async () => {
  const old = [get('/users/1', { id: 1 })];
  const on = (host: string) => get('', { id: 1 }, { url: `https://${host}/users/5` });
  expect(await linesOf(old, [on('staging.test'), on('other.test')])).toEqual([
    [],
    ['is new: it was not called before'],
  ]);
});
