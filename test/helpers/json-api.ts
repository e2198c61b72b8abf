import type { ExchangeParts } from './exchanges.ts';

/** A call of the API: all that a change may touch, before it becomes an exchange. */
export type Call = {
  /** Which endpoint it belongs to; calls of the same name change together. */
  readonly name: string;
  method: string;
  path: string;
  query: [name: string, value: string][];
  /** JSON unless `requestType` says otherwise. */
  request?: unknown;
  requestType?: string;
  status: number;
  type?: string;
  location?: string;
  answer?: unknown;
};

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of several, by chance. */
export function oneOf<T>(random: () => number, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

const names = ['Ann', 'Bob', 'Cleo'];
const cities = ['Bern', 'Oslo'];
const labels = ['new', 'old', 'vip'];
const states = ['open', 'paid', 'sent', 'closed'];

/** Members that the API does not promise, may leave empty, or names after things: their absence is no change. */
export const unpromised = /^(?:reason|late|early|owner|closedAt|voucher|last|item-.*)$/;

/**
 * One run of a test suite against a small JSON API. Another seed gives other ids, dates, tokens, nonces, numbers, lengths of
 * lists, words of enumerations and truth values, leaves out other optional fields, and calls in another order. What the
 * API promises stays.
 */
export function visitApi(seed: number): Call[] {
  const random = randomOf(seed);
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const hex = (length: number) =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  const date = () => new Date(1.6e12 + random() * 2e11).toISOString();
  const many = <T>(make: (at: number) => T) => Array.from({ length: upTo(6) }, (_, at) => make(at));
  // What is neither an id nor a moment is the same for the same user of the list.
  const user = (id: string, at = 0) => ({
    id,
    name: names[at % 3],
    active: at % 2 === 0,
    age: upTo(90),
    address: { city: cities[at % 2], geo: { lat: random(), lon: random() } },
    tags: many((tag) => ({ label: labels[tag % 3] })),
    createdAt: date(),
  });
  const order = () => ({
    id: upTo(99_999),
    total: random() * 100,
    lines: many(() => ({ sku: `sku-${hex(10)}`, count: upTo(9) })),
    paid: true,
  });
  const flip = () => random() < 0.5;
  /** Lists may be empty, their words and truth values are data, and not each event has each field. */
  const event = (at: number) => ({
    id: String(upTo(99_999)),
    state: oneOf(random, states),
    seen: flip(),
    amount: (random() * 100).toFixed(2),
    closedAt: flip() ? date() : null,
    owner: flip() ? null : { name: oneOf(random, names) },
    notes: Array.from({ length: upTo(4) - 1 }, () => ({
      text: oneOf(random, labels),
      pinned: flip(),
    })),
    ...(at % 2 === 0 && { reason: oneOf(random, states) }),
    ...(at % 2 === 1 && { [oneOf(random, ['late', 'early'])]: flip() }),
  });
  const events = () => Array.from({ length: upTo(7) - 1 }, (_, at) => event(at));
  const counts = () =>
    Object.fromEntries(Array.from({ length: upTo(5) - 1 }, () => [`item-${hex(8)}`, upTo(9)]));
  const calls: Call[] = [
    ...Array.from({ length: 2 + upTo(8) }, () =>
      get('events', `/users/${uuid()}/events`, { events: events(), unread: flip(), last: null }),
    ),
    ...Array.from({ length: 2 + upTo(8) }, () =>
      get('cart', `/carts/${upTo(99_999)}`, {
        state: oneOf(random, states),
        isGift: flip(),
        currency: 'EUR',
        voucher: flip() ? null : hex(12),
        counts: counts(),
      }),
    ),
    {
      ...get('users', '/users', {
        users: many((at) => user(uuid(), at)),
        total: upTo(500),
        page: 1,
      }),
      query: [
        ['limit', '20'],
        ['nonce', hex(16)],
      ],
    },
    ...many((at) => {
      const id = uuid();
      return get('user', `/users/${id}`, user(id, at));
    }),
    ...many(() => {
      const id = upTo(99_999);
      return get('order', `/orders/${id}`, { ...order(), id });
    }),
    {
      ...get('new user', '/users', user(uuid())),
      method: 'POST',
      status: 201,
      request: { name: 'Ann', age: upTo(90), requestId: uuid(), address: { city: 'Bern' } },
    },
    {
      ...get('session', '/sessions', { token: hex(40), expiresIn: upTo(9999), scope: 'all' }),
      method: 'POST',
      requestType: 'application/x-www-form-urlencoded',
      request: { user: 'ann', password: `p${hex(12)}`, nonce: hex(20) },
    },
    {
      ...get('settings', `/users/${uuid()}/settings`, { theme: 'dark', flags: { beta: true } }),
      method: 'PUT',
      request: { theme: 'dark', flags: { beta: true }, order: many(() => upTo(9)) },
    },
    { ...get('go', '/go', undefined), status: 302, location: `/users/${uuid()}` },
    { ...get('removed', `/orders/${upTo(99_999)}`, undefined), method: 'DELETE', status: 204 },
    get('health', '/health', { status: 'ok', uptime: upTo(99_999), checks: { db: true } }),
    { ...get('stock', '/stock', 'sku,count\n'), type: 'text/csv' },
  ];
  return calls.sort(() => random() - 0.5);
}

function get(name: string, path: string, answer: unknown): Call {
  const type = answer === undefined ? {} : { type: 'application/json' };
  return { name, method: 'GET', path, query: [], status: 200, ...type, answer };
}

/** The exchange that a call makes. */
export function partsOf(call: Call): ExchangeParts {
  const { method, path, query, request, requestType = 'application/json', answer } = call;
  const search = query.length === 0 ? '' : `?${new URLSearchParams(query)}`;
  return {
    method,
    url: `http://api.test${path}${search}`,
    ...(request !== undefined && {
      headers: [['Content-Type', requestType]],
      body: requestType.includes('form')
        ? new URLSearchParams(request as Record<string, string>).toString()
        : JSON.stringify(request),
    }),
    response: {
      status: call.status,
      headers: [
        ...(call.type === undefined ? [] : [['Content-Type', call.type] as const]),
        ...(call.location === undefined ? [] : [['Location', call.location] as const]),
      ],
      ...(answer !== undefined && {
        body: typeof answer === 'string' ? answer : JSON.stringify(answer),
      }),
    },
  };
}
