import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Exchange } from '../../src/exchange.ts';
import type { GivenOptions } from '../../src/exporters/exporter.ts';
import { folderExporters } from '../../src/exporters/index.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { folderWith } from '../helpers/inputs.ts';
import { lintCollection, runCollection } from '../helpers/runners.ts';
import { socket } from '../helpers/sockets.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const v3 = folderExporters['postman-v3'];

type Files = Readonly<Record<string, string>>;

async function gathered(rendered: ReturnType<typeof v3.renderFiles>): Promise<Files> {
  const files: Record<string, string> = {};
  for await (const { path, chunks } of rendered) {
    files[path] = '';
    for await (const chunk of chunks) files[path] += chunk;
  }
  return files;
}

function filesOf(exchanges: readonly Exchange[], options: Partial<GivenOptions> = {}) {
  return gathered(v3.renderFiles(recordingOf(exchanges), { name: 'recorded', ...options }));
}

/** The documents of the files whose path has this ending, in order. */
function documents(files: Files, ending: string) {
  const found = Object.entries(files).filter(([path]) => path.endsWith(ending));
  return found.map(([, text]) => parse(text)).sort((a, b) => a.order - b.order);
}

const sockets = (files: Files) => documents(files, '.request.yaml');
const messages = (files: Files) => documents(files, '.message.yaml');

test('a WebSocket is an item with a file for each message of the client', async () => {
  const url = 'https://chat.test:8443/room?lang=en';
  const headers = [['X-Client', 'test']] as const;
  const files = await filesOf([
    exchange({ url: 'http://api.test/' }),
    socket({
      url,
      headers,
      messages: [
        '{"type":"join","room":1}',
        { from: 'server', data: Buffer.from('{"type":"joined"}') },
        'hello',
        { opcode: 9 },
        { opcode: 2, data: Buffer.from([0, 1, 255]) },
        { opcode: 8, data: Buffer.from([3, 232]) },
      ],
    }),
  ]);
  expect(Object.keys(files)).toEqual([
    '.resources/GET -.resources/examples/200 OK.example.yaml',
    'GET -.request.yaml',
    '.resources/WS -room.resources/messages/join.message.yaml',
    '.resources/WS -room.resources/messages/message.message.yaml',
    '.resources/WS -room.resources/messages/message 1.message.yaml',
    'WS -room.request.yaml',
    '.resources/definition.yaml',
  ]);
  expect(sockets(files)[1]).toEqual({
    $kind: 'websocket-request',
    id: expect.any(String),
    name: 'WS /room',
    url: 'wss://chat.test:8443/room?lang=en',
    headers: { 'X-Client': 'test' },
    queryParams: { lang: 'en' },
    messages: './.resources/WS -room.resources/messages',
    order: 2000,
  });
  expect(messages(files)).toEqual([
    {
      $kind: 'websocket-message',
      content: '{"type":"join","room":1}',
      contentType: 'json',
      order: 1000,
    },
    { $kind: 'websocket-message', content: 'hello', contentType: 'text', order: 2000 },
    {
      $kind: 'websocket-message',
      name: 'message',
      content: 'AAH/',
      contentType: 'base64',
      order: 3000,
    },
  ]);
  expect(files['.resources/definition.yaml']).not.toContain('WebSocket');
});

test('a connection that is not a WebSocket is still listed in the description', async () => {
  const up = exchange({ url: 'http://up.test/', response: { status: 101 } });
  const files = await filesOf([up, socket({})]);
  expect(sockets(files)).toHaveLength(1);
  const { description } = parse(files['.resources/definition.yaml']!);
  expect(description).toContain('- ws://up.test/');
  expect(description).not.toContain('chat.test');
});

test('headers of the handshake are not written, even with restricted headers', async () => {
  const headers = [
    ['Sec-WebSocket-Protocol', 'chat'],
    ['Sec-WebSocket-Extensions', 'permessage-deflate'],
    ['Proxy-Connection', 'keep-alive'],
    ['Keep-Alive', 'timeout=5'],
    ['Origin', 'https://chat.test'],
  ] as const;
  const [bare] = sockets(await filesOf([socket({ headers })]));
  expect(bare.headers).toBeUndefined();
  expect(bare.description).toBe('The client asked for the subprotocol: chat');
  const [whole] = sockets(await filesOf([socket({ headers })], { restrictedHeaders: true }));
  expect(whole.headers).toEqual({ Host: 'chat.test', Origin: 'https://chat.test' });
});

describe('several connections', () => {
  const connection = (query: string, ...sent: string[]) =>
    socket({ url: `https://chat.test/room?${query}`, messages: sent });
  const tickets = [
    connection('lang=en&ticket=q7Zf3c8a91b2d4e6f70Kx', 'one', 'two'),
    connection('lang=en&ticket=q7Z01b2c3d4e5f60718Kx', 'two', 'three'),
    connection('lang=de', 'vier'),
  ];

  test('to one address are one item with the distinct messages, whatever their tickets', async () => {
    const files = await filesOf(tickets);
    expect(sockets(files).map(({ url }) => url)).toEqual([
      'wss://chat.test/room?lang=en&ticket={{ticket}}',
      'wss://chat.test/room?lang=de',
    ]);
    expect(messages(files).map(({ content }) => content)).toEqual(
      expect.arrayContaining(['one', 'two', 'three', 'vier']),
    );
    expect(messages(files)).toHaveLength(4);
  });

  test('are one item without their queries for endpoints', async () => {
    expect(sockets(await filesOf(tickets, { shape: 'endpoints' }))).toHaveLength(1);
  });

  test('are an item each without deduplication', async () => {
    const items = sockets(await filesOf(tickets, { dedupe: false }));
    expect(items).toHaveLength(3);
    expect(new Set(items.map(({ id }) => id)).size).toBe(3);
  });
});

test('messages beyond the limits are counted in the description', async () => {
  const many = Array.from({ length: 102 }, (_, at) => `message ${at}`);
  const long = 'x'.repeat(256 * 1024 + 1);
  const files = await filesOf([socket({ messages: [...many, long], cut: true })]);
  expect(messages(files)).toHaveLength(100);
  expect(sockets(files)[0].description).toBe(
    'Left out: 3 more messages of the client, and what the recording did not keep.',
  );
});

test('secrets in URLs, headers and messages are the variables of the rest of the recording', async () => {
  const secret = 'q7Rk2mX9vB4tL0pZ';
  const bytes = Buffer.from(`\x01{"password":"${secret}"}`);
  const files = await filesOf([
    exchange({ url: 'http://api.test/', headers: [['Authorization', `Bearer ${secret}`]] }),
    socket({
      url: `https://ada:${secret}@chat.test/room?token=${secret}`,
      headers: [['Authorization', `Bearer ${secret}`]],
      messages: [
        `{"type":"login","token":"${secret}"}`,
        `say ${secret}`,
        { opcode: 2, data: bytes },
      ],
    }),
  ]);
  expect(Object.values(files).join('\n')).not.toContain(secret);
  expect(Object.values(files).join('\n')).not.toContain(bytes.toString('base64'));
  expect(messages(files)[0].content).toBe('{"type":"login","token":"{{bearer_token}}"}');
});

test('a name in braces in a message is not the name of a variable for a secret', async () => {
  const files = await filesOf([
    exchange({ url: 'http://api.test/', headers: [['Authorization', 'Bearer q7Rk2mX9vB4tL0pZ']] }),
    socket({ messages: ['{{bearer_token}}'] }),
  ]);
  expect(messages(files)[0].content).toBe('{{bearer_token}}');
  expect(sockets(files)[0].headers).toEqual({ Authorization: 'Bearer {{bearer_token_2}}' });
});

describe('appending', () => {
  const join1 = socket({ messages: ['one'] });
  const append = (files: Files, exchanges: readonly Exchange[]) =>
    gathered(
      v3.append!.files(new Map(Object.entries(files)), recordingOf(exchanges), {
        name: 'recorded',
      }),
    );

  test('adds WebSockets that are not there, and nothing that is', async () => {
    const files = await filesOf([exchange({ url: 'http://api.test/' }), join1]);
    expect(await append(files, [join1])).toEqual({});
    const other = socket({ url: 'https://chat.test/other', messages: ['two'] });
    const added = await append(files, [join1, other]);
    expect(Object.keys(added)).toEqual([
      '.resources/WS -other.resources/messages/message.message.yaml',
      'WS -other.request.yaml',
    ]);
    expect(sockets(added)[0].order).toBe(3000);
  });

  test('adds messages that a WebSocket lacks', async () => {
    const files = await filesOf([socket({})]);
    const added = await append(files, [socket({ messages: ['one', 'two'] })]);
    expect(messages(added).map(({ content }) => content)).toEqual(['one', 'two']);
    expect(added['WS -room.request.yaml']).toBe(
      `${files['WS -room.request.yaml']}messages: ./.resources/WS -room.resources/messages\n`,
    );
    const more = await append({ ...files, ...added }, [socket({ messages: ['two', 'three'] })]);
    expect(Object.keys(more)).toEqual([
      '.resources/WS -room.resources/messages/message 2.message.yaml',
    ]);
    expect(messages(more)[0]).toMatchObject({ content: 'three', order: 3000 });
  });

  test('finds a WebSocket that a person renamed and moved', async () => {
    const files = await filesOf([join1]);
    const item = files['WS -room.request.yaml']!.replace(/^id: .*\n/m, '').replace('wss:', 'WSS:');
    const message = Object.entries(files).find(([path]) => path.endsWith('.message.yaml'))!;
    const moved = {
      '.resources/definition.yaml': files['.resources/definition.yaml']!,
      'Chats/Chat.request.yaml': item.replace('WS /room', 'Chat'),
      'Chats/.resources/Chat.resources/messages/hello.message.yaml': message[1],
    };
    expect(await append(moved, [join1])).toEqual({});
  });
});

test('the Postman CLI accepts WebSockets, and runs the requests beside them', {
  timeout: 120_000,
}, async () => {
  const asked: (string | undefined)[] = [];
  const upstream = await httpUpstream(({ url }, response) => {
    asked.push(url);
    response.end('fine');
  });
  const files = await filesOf([
    exchange({ url: `${upstream.url}/asked` }),
    socket({
      headers: [
        ['X-Twice', 'a'],
        ['X-Twice', 'b'],
      ],
      messages: ['{"type":"a/b"}', 'text\nin lines', { opcode: 2, data: Buffer.from([0]) }],
    }),
  ]);
  const folder = await folderWith(files);
  await lintCollection(folder);
  await runCollection('postman', folder);
  expect(asked).toEqual(['/asked']);
});
