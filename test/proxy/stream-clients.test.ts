import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { EventSource } from 'eventsource';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { ProxyAgent, fetch as throughProxy } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { recordingProxy } from '../helpers/proxy.ts';
import { openTunnel } from '../helpers/raw-client.ts';
import { httpUpstream, listen } from '../helpers/upstream.ts';

// The instance that graphql-ws uses: vitest would load another one.
const { buildSchema }: typeof import('graphql') = createRequire(import.meta.url)('graphql');

test('eventsource gets its events, and connects again with the last id', async () => {
  const asked: (string | undefined)[] = [];
  const upstream = await httpUpstream((request, response) => {
    asked.push(request.headers['last-event-id'] as string | undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const id = asked.length;
    response.end(`retry: 1\nid: ${id}\nevent: price\ndata: ${id}0\n\n`);
  });
  const proxy = await recordingProxy();
  const dispatcher = new ProxyAgent(proxy.url);
  const source = new EventSource(`${upstream.url}/prices`, {
    fetch: (url, init) => throughProxy(url, { ...(init as object), dispatcher }) as never,
  });
  onTestFinished(async () => {
    source.close();
    await dispatcher.close();
  });
  const prices: string[] = [];
  await new Promise<void>((resolve) => {
    source.addEventListener('price', ({ data }) => {
      prices.push(data);
      if (prices.length === 2) resolve();
    });
  });
  source.close();
  expect(prices).toEqual(['10', '20']);
  expect(asked.slice(0, 2)).toEqual([undefined, '1']);
  const [first] = await proxy.recorded(2);
  expect(first?.outcome.kind).toBe('completed');
});

test('graphql-ws subscribes through the proxy, and its messages are recorded', async () => {
  const schema = buildSchema('type Query { hello: String } type Subscription { count: Int }');
  const roots = {
    subscription: {
      async *count() {
        for (const count of [1, 2, 3]) yield { count };
      },
    },
  };
  const server = createServer();
  const { url, host } = await listen(server, 'http', '127.0.0.1');
  useServer({ schema, roots }, new WebSocketServer({ server, path: '/graphql' }));
  const proxy = await recordingProxy();
  const tunnel = await openTunnel(proxy.port, host);
  class Tunneled extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, { createConnection: () => tunnel });
    }
  }
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: Tunneled,
  });
  const values: unknown[] = [];
  for await (const { data } of client.iterate({ query: 'subscription Counting { count }' })) {
    values.push(data);
  }
  await client.dispose();
  expect(values).toEqual([{ count: 1 }, { count: 2 }, { count: 3 }]);
  const { webSocket } = await proxy.onlyRecorded();
  const types: unknown[] = [];
  for await (const { opcode, data } of webSocket?.messages() ?? []) {
    if (opcode === 1) types.push(JSON.parse(Buffer.from(data).toString()).type);
  }
  expect(types).toEqual([
    ...['connection_init', 'connection_ack', 'subscribe'],
    ...['next', 'next', 'next', 'complete'],
  ]);
});
