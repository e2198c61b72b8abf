import { expect, test } from 'vitest';
import { compareRecordings } from '../../src/compare/comparison.ts';
import { findingLine } from '../../src/compare/finding.ts';
import type { Exchange, Header } from '../../src/exchange.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';

type Call = {
  readonly method?: string;
  readonly path: string;
  readonly json?: unknown;
  readonly status?: number;
  readonly answer?: unknown;
  readonly type?: string;
  readonly headers?: readonly Header[];
};

const JSON_LINE: Header = ['Content-Type', 'application/json'];

function recorded({ method, path, json, status, answer, type, headers = [] }: Call): Exchange {
  const contentType: Header = type === undefined ? JSON_LINE : ['Content-Type', type];
  return exchange({
    url: `http://localhost:4000${path}`,
    method: method ?? (json === undefined ? 'GET' : 'POST'),
    ...(json !== undefined && { body: JSON.stringify(json), headers: [JSON_LINE] }),
    response: {
      status: status ?? 200,
      headers: [...(answer === undefined ? [] : [contentType]), ...headers],
      ...(answer !== undefined && {
        body: typeof answer === 'string' ? answer : JSON.stringify(answer),
      }),
    },
  });
}

async function findings(old: readonly Call[], now: readonly Call[]): Promise<string[]> {
  const [before, after] = [old, now].map((calls) => recordingOf(calls.map(recorded)));
  return (await compareRecordings(before!, after!)).findings.map(findingLine);
}

/** One run of a small suite: new ids, dates and tokens each time, and lists of any length. */
function suite(run: number): Call[] {
  const id = 1000 + run * 37;
  const uuid = crypto.randomUUID();
  const orders = Array.from({ length: run % 4 }, (_, at) => ({ id: id + at, paid: true }));
  const calls: Call[] = [
    { path: '/login', json: { user: 'ann', nonce: uuid }, answer: { token: uuid, ttl: 3600 } },
    { path: `/users/${id}`, answer: { id, name: 'Ann', seen: new Date(run * 1e9).toISOString() } },
    { path: `/users/${id + 1}`, answer: { id: id + 1, name: 'Bob', seen: null } },
    { path: `/users/${id}/orders?page=1`, answer: { orders, total: orders.length } },
    { path: '/orders', json: { sku: 'pen' }, status: 201, answer: { id: uuid, state: 'open' } },
    { path: `/orders/${uuid}`, answer: { id: uuid, state: 'open' } },
    { path: '/old', status: 302, headers: [['Location', `/new/${id}`]] },
    { path: '/missing', status: 404, answer: { error: 'not found' } },
  ];
  return run % 2 === 0 ? calls : [...calls.slice(0, 1), ...calls.slice(1).reverse()];
}

test('runs of the same suite do not differ, whatever their ids, dates, lists and order', async () => {
  const yardstick = suite(0);
  for (let run = 1; run <= 50; run += 1)
    expect(await findings(yardstick, suite(run)), `run ${run}`).toEqual([]);
});

const ONE: Call = {
  path: '/users/1?full=yes',
  answer: { id: 1, name: 'Ann', address: { city: 'Rome' }, tags: [{ label: 'x' }], admin: false },
};
const MADE: Call = {
  path: '/users',
  json: { name: 'Ann', age: 3 },
  status: 201,
  answer: { id: 1 },
};
const MOVED: Call = { path: '/old', status: 301, headers: [['Location', '/new']] };
const ALL = [ONE, MADE, MOVED];

function without(key: string): unknown {
  return Object.fromEntries(Object.entries(ONE.answer as object).filter(([name]) => name !== key));
}

test.each<[what: string, now: Call[], line: string]>([
  [
    'a field that is gone',
    [{ ...ONE, answer: without('name') }, MADE, MOVED],
    'GET /users/:userId response 200 $.name: string, now gone',
  ],
  [
    'a nested field that is gone',
    [{ ...ONE, answer: { ...(ONE.answer as object), address: {} } }, MADE, MOVED],
    'GET /users/:userId response 200 $.address.city: string, now gone',
  ],
  [
    'a field that is new',
    [{ ...ONE, answer: { ...(ONE.answer as object), nick: 'A' } }, MADE, MOVED],
    'GET /users/:userId response 200 $.nick: is new (string)',
  ],
  [
    'another type',
    [{ ...ONE, answer: { ...(ONE.answer as object), name: 7 } }, MADE, MOVED],
    'GET /users/:userId response 200 $.name: string, now number',
  ],
  [
    'another type in a list',
    [{ ...ONE, answer: { ...(ONE.answer as object), tags: [{ label: 4 }] } }, MADE, MOVED],
    'GET /users/:userId response 200 $.tags[].label: string, now number',
  ],
  ['another status', [ONE, { ...MADE, status: 200 }, MOVED], 'POST /users status: 201, now 200'],
  [
    'another content type',
    [{ ...ONE, answer: '<p>', type: 'text/html' }, MADE, MOVED],
    'GET /users/:userId response 200 content type: application/json, now text/html',
  ],
  [
    'another redirect',
    [ONE, MADE, { ...MOVED, headers: [['Location', '/login']] }],
    'GET /old response 301 Location: /new, now /login',
  ],
  ['a call that is gone', [ONE, MADE], 'GET /old: is no longer called'],
  [
    'a call that is new',
    [...ALL, { path: '/extra' }],
    'GET /extra: is new: it was not called before',
  ],
  [
    'a parameter that is gone',
    [{ ...ONE, path: '/users/1' }, MADE, MOVED],
    'GET /users/:userId query full: sent, now gone',
  ],
  [
    'a parameter that is new',
    [{ ...ONE, path: '/users/1?full=yes&v=2' }, MADE, MOVED],
    'GET /users/:userId query v: is new: sent',
  ],
  [
    'a field of the request that is gone',
    [ONE, { ...MADE, json: { name: 'Ann' } }, MOVED],
    'POST /users request $.age: number, now gone',
  ],
  [
    'another type in the request',
    [ONE, { ...MADE, json: { name: 'Ann', age: '3' } }, MOVED],
    'POST /users request $.age: number, now string',
  ],
])('%s is told in one line', async (_what, now, line) => {
  expect(await findings(ALL, now)).toEqual([line]);
});

test('another method is a call that is gone and one that is new', async () => {
  expect(await findings(ALL, [ONE, { ...MADE, method: 'PUT' }, MOVED])).toEqual([
    'POST /users: is no longer called',
    'PUT /users: is new: it was not called before',
  ]);
});

/** So many calls of an endpoint, with these answers in turn. */
function answered(count: number, ...answers: unknown[]): Call[] {
  return Array.from({ length: count }, (_, at) => ({
    path: `/users/${at + 1}?full=yes`,
    answer: answers[at % answers.length],
  }));
}

test('a word or truth value that was the same in five calls, and is another one in five, is told', async () => {
  const old = answered(5, { admin: false, plan: 'free' });
  expect(await findings(old, answered(5, { admin: true, plan: 'paid' }))).toEqual([
    'GET /users/:userId response 200 $.admin: false, now true',
    'GET /users/:userId response 200 $.plan: "free", now "paid"',
  ]);
});

test('a value that is another one in few calls may be chance, and is not told', async () => {
  const [free, paid] = [
    { admin: false, plan: 'free' },
    { admin: true, plan: 'paid' },
  ];
  for (const [before, after] of [
    [2, 2],
    [4, 4],
    [50, 1],
    [1, 50],
  ] as const)
    expect(await findings(answered(before, free), answered(after, paid))).toEqual([]);
  expect(await findings(answered(9, free), answered(9, paid, free))).toEqual([]);
});

test('the words and truth values in lists are data, and may be others', async () => {
  const list = (state: string, paid: boolean) => ({
    orders: [
      { state, paid },
      { state, paid },
    ],
    tags: [state],
  });
  const old = answered(9, list('open', true));
  expect(await findings(old, answered(9, list('closed', false)))).toEqual([]);
});

test('a request that is answered otherwise is told, though its endpoint has that status as well', async () => {
  const good: Call = { path: '/login', json: { pin: 'a' }, answer: { ok: true } };
  const bad: Call = { path: '/login', json: { pin: 'b' }, status: 401, answer: { ok: false } };
  const swapped = [
    { ...good, status: 401, answer: { ok: false } },
    { ...bad, status: 200, answer: { ok: true } },
  ];
  expect(await findings([good, bad], swapped)).toEqual(['POST /login status: 200, now 401']);
});

test('a variable in the place of a secret is no difference, whatever the type of the secret', async () => {
  const old: Call[] = [{ path: '/me', answer: { token: '{{token}}', pin: '{{pin}}' } }];
  expect(await findings(old, [{ path: '/me', answer: { token: 'abc', pin: 1234 } }])).toEqual([]);
});

test('operations of GraphQL are endpoints of their own', async () => {
  const call = (name: string, data: unknown): Call => ({
    path: '/graphql',
    json: { query: `query ${name} { ${name} }`, operationName: name },
    answer: { data },
  });
  expect(
    await findings([call('a', { a: 1 }), call('b', { b: 1 })], [call('a', { a: 'x' })]),
  ).toEqual([
    'POST /graphql (a) response 200 $.data.a: number, now string',
    'POST /graphql (b): is no longer called',
  ]);
});
