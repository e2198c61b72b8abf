import { expect, test } from 'vitest';
import { compareRecordings } from '../../src/compare/comparison.ts';
import { findingLine } from '../../src/compare/finding.ts';
import type { Exchange, Recording, WebSocketMessage } from '../../src/exchange.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { oneOf, randomOf } from '../helpers/json-api.ts';

type Said = readonly [from: 'client' | 'server', message: unknown];

type Socket = {
  readonly path?: string;
  readonly said?: readonly Said[];
  readonly subprotocol?: string;
  readonly status?: number;
};

/** Objects are JSON, bytes are binary. */
function messageOf([from, message]: Said, at: number): WebSocketMessage {
  if (message instanceof Uint8Array) return { from, at, opcode: 2, data: message };
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return { from, at, opcode: 1, data: Buffer.from(text) };
}

function socket({ path = '/live', said = [], subprotocol, status = 101 }: Socket): Exchange {
  const messages = said.map(messageOf);
  const opened = exchange({
    url: `http://api.test${path}`,
    headers: [['Upgrade', 'websocket']],
    response: {
      status,
      headers: subprotocol === undefined ? [] : [['Sec-WebSocket-Protocol', subprotocol]],
    },
  });
  if (status >= 400) return opened;
  const record = {
    count: messages.length,
    async *messages() {
      yield* messages;
    },
  };
  return { ...opened, webSocket: record };
}

async function findings(
  old: readonly Socket[] | Recording,
  now: readonly Socket[] | Recording,
): Promise<string[]> {
  const [before, after] = [old, now].map((one) =>
    'read' in one ? one : recordingOf(one.map(socket)),
  );
  return (await compareRecordings(before!, after!)).findings.map(findingLine);
}

const tick = (price: unknown): Said => ['server', { type: 'tick', price }];
const join: Said = ['client', { type: 'join', room: 'a' }];
const OLD: Socket = { subprotocol: 'v1', said: [join, ['server', { type: 'joined' }], tick(1)] };

test.each<[what: string, now: Socket, line: string]>([
  [
    'a field of another type',
    { ...OLD, said: [join, ['server', { type: 'joined' }], tick('1')] },
    'GET /live (WebSocket) message from server "tick" $.price: number, now string',
  ],
  [
    'a field that is gone',
    { ...OLD, said: [join, ['server', { type: 'joined' }], ['server', { type: 'tick' }]] },
    'GET /live (WebSocket) message from server "tick" $.price: number, now gone',
  ],
  [
    'a message that is gone',
    { ...OLD, said: [join, tick(1)] },
    'GET /live (WebSocket) message from server "joined": is no longer sent',
  ],
  [
    'a message that is new',
    { ...OLD, said: [...(OLD.said ?? []), ['client', { type: 'leave' }]] },
    'GET /live (WebSocket) message from client "leave": is new: it was not sent before',
  ],
  [
    'another subprotocol',
    { ...OLD, subprotocol: 'v2' },
    'GET /live (WebSocket) subprotocol: v1, now v2',
  ],
  [
    'a handshake that is refused',
    { ...OLD, status: 403 },
    'GET /live (WebSocket) status: 101, now 403',
  ],
])('%s is told in one line', async (_what, now, line) => {
  expect(await findings([OLD], [now])).toEqual([line]);
});

test('a text that becomes binary is told', async () => {
  const said = (message: unknown): Socket[] => [{ said: [['server', message]] }];
  expect(await findings(said('hello'), said(Buffer.from([1])))).toEqual([
    'GET /live (WebSocket) message from server: text, now binary',
  ]);
});

test('the messages of Socket.IO are compared by their events', async () => {
  const said = (price: unknown): Socket[] => [
    {
      said: [
        ['server', '2'],
        ['client', '3'],
        ['server', `42/rates,7["tick",{"price":${price}}]`],
      ],
    },
  ];
  expect(await findings(said(1), said(2))).toEqual([]);
  expect(await findings(said(1), said('"1"'))).toEqual([
    'GET /live (WebSocket) message from server "tick" $[].price: number, now string',
  ]);
});

test('an endpoint that is gone or new is told, apart from requests to the same path', async () => {
  const page = exchange({ url: 'http://api.test/live' });
  const open = socket(OLD);
  expect(await findings(recordingOf([page, open]), recordingOf([page]))).toEqual([
    'GET /live (WebSocket): is no longer called',
  ]);
  expect(await findings(recordingOf([page]), recordingOf([page, open]))).toEqual([
    'GET /live (WebSocket): is new: it was not called before',
  ]);
});

test('a collection cannot hold WebSockets, so that their absence is no difference', async () => {
  const page = exchange({ url: 'http://api.test/' });
  const [both, one] = [recordingOf([page, socket(OLD)]), recordingOf([page])];
  expect(await findings({ ...one, isDocument: true }, both)).toEqual([]);
  expect(await findings(both, { ...one, isDocument: true })).toEqual([]);
});

test('messages that were not recorded, or only in part, are not missing', async () => {
  const silent = socket({ ...OLD, said: [] });
  const { webSocket: _, ...unknown } = silent;
  const cut = { ...silent, webSocket: { ...silent.webSocket!, cut: true as const } };
  for (const partial of [unknown, cut])
    expect(await findings([OLD], recordingOf([partial]))).toEqual([]);
});

/** One run of a client of a chat: another seed gives another number and order of messages, ids, dates and words. */
function chat(seed: number): Socket[] {
  const random = randomOf(seed);
  const many = (most: number, make: () => Said) =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, make);
  const words = () => oneOf(random, ['hello', '{"a":1}', 'pong pong', 'Grüße']);
  const message = (): Said => [
    oneOf(random, ['client', 'server']),
    { type: 'message', id: crypto.randomUUID(), text: words(), at: new Date(random() * 1e12) },
  ];
  const presence = (): Said => [
    'server',
    { type: 'presence', online: random() < 0.5, users: many(3, () => ['server', words()]) },
  ];
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
    path: `/rooms/${crypto.randomUUID()}?token=${crypto.randomUUID()}`,
    said: [
      ['server', { type: 'welcome', session: crypto.randomUUID() }],
      ['client', { type: 'message', id: crypto.randomUUID(), text: words(), at: new Date() }],
      ['server', { type: 'message', id: crypto.randomUUID(), text: words(), at: new Date() }],
      presence(),
      ...[...many(4, message), ...many(2, presence)].sort(() => random() - 0.5),
      ...many(2, () => ['server', { type: 'heartbeat' }]),
      ...many(2, () => ['client', 'ping']),
    ],
  }));
}

test('50 runs of a chat do not differ', async () => {
  for (let run = 0; run < 50; run += 1)
    expect(await findings(chat(run), chat(run + 1000)), `run ${run}`).toEqual([]);
});
