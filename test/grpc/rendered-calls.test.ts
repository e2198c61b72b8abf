import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { exporters } from '../../src/exporters/index.ts';
import { withCalls } from '../../src/grpc/described-calls.ts';
import { fileTypes } from '../../src/grpc/file-types.ts';
import { compileProtos } from '../../src/grpc/proto-files.ts';
import { exchangeOf } from '../../src/har/exchange.ts';
import type { HarEntry } from '../../src/har/types.ts';
import { recordingOf } from '../helpers/exchanges.ts';
import { framed, grpcExchange } from '../helpers/grpc.ts';
import { THINGS_PROTO, thingsFolder } from '../helpers/grpc-server.ts';

const PASSWORD = 'q7Zk2vXw9LrT4bNc81';

function encoded(type: string, value: Record<string, unknown>): Buffer {
  const { root } = protobuf.parse(
    THINGS_PROTO.replace(/^import.*$/m, '').replace(/google\S+ made_at = 3;/, ''),
    {
      keepCase: true,
    },
  );
  const found = root.lookupType(type);
  return framed(found.encode(found.fromObject(value)).finish());
}

const login = () =>
  grpcExchange({
    request: encoded('demo.v1.GetRequest', { name: 'Ada', password: PASSWORD }),
    response: encoded('demo.v1.Thing', { name: 'Ada', size: 5 }),
  });

const things = async () => fileTypes(await compileProtos([await thingsFolder()]));

async function rendered(
  format: 'har' | 'ndjson' | 'postman' | 'curl' | 'http' | 'openapi',
  given: Parameters<typeof withCalls>[1],
  secrets: 'redact' | 'keep' = 'redact',
  exchanges = [login()],
): Promise<string> {
  const recording = withCalls(recordingOf(exchanges), given);
  let text = '';
  for await (const chunk of exporters[format].render(recording, { name: 'demo', secrets }))
    text += chunk;
  return text;
}

function entryIn(har: string): HarEntry {
  return JSON.parse(har).log.entries[0];
}

test('a HAR entry has the call with its messages by name', async () => {
  const entry = entryIn(await rendered('har', await things(), 'keep'));
  expect(entry._grpc).toEqual({
    protocol: 'grpc',
    service: 'demo.v1.Things',
    method: 'Get',
    status: { code: 0, name: 'OK' },
    messages: [
      {
        from: 'client',
        type: 'demo.v1.GetRequest',
        json: { name: 'Ada', password: PASSWORD },
      },
      { from: 'server', type: 'demo.v1.Thing', json: { name: 'Ada', size: '5' } },
    ],
  });
});

test.each(['har', 'ndjson', 'postman', 'curl', 'http', 'openapi'] as const)(
  'a password in a message is in no rendering as %s',
  async (format) => {
    const text = await rendered(format, await things());
    expect(text).not.toContain(PASSWORD);
    for (const [found] of text.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g))
      expect(Buffer.from(found, 'base64').toString('latin1')).not.toContain(PASSWORD);
  },
);

test('only the side that holds a secret loses its raw bytes, and the entry says so', async () => {
  const entry = entryIn(await rendered('har', await things()));
  expect(entry._grpc?.leftOut).toEqual(['request']);
  expect(entry._grpc?.messages[0]?.json).toEqual({ name: 'Ada', password: '{{password}}' });
  expect(entry.request.postData).toMatchObject({ text: '', _cut: true });
  expect(entry.response.content.text).not.toBe('');
});

test('a secret that is known from elsewhere is found without types, too', async () => {
  const headers = [['authorization', `Bearer ${PASSWORD}`]] as const;
  const call = login();
  const known = {
    ...call,
    request: { ...call.request, headers: [...call.request.headers, ...headers] },
  };
  const text = await rendered('har', undefined, 'redact', [known]);
  expect(text).not.toContain(PASSWORD);
  expect(entryIn(text)._grpc?.leftOut).toEqual(['request']);
});

test('what was read of bytes that were left out is not lost when the HAR is read again', async () => {
  const types = await things();
  const first = entryIn(await rendered('har', types));
  const again = entryIn(await rendered('har', undefined, 'redact', [exchangeOf(first, 1)]));
  expect(again._grpc?.messages[0]).toEqual(first._grpc?.messages[0]);
  // The bytes of the answer are there, but nothing is known of their type now.
  expect(again._grpc?.messages[1]).toEqual(first._grpc?.messages[1]);
  expect(again._grpc?.leftOut).toEqual(['request']);
});

test('bytes in a HAR are read anew where more is known now', async () => {
  const first = entryIn(await rendered('har', undefined, 'keep'));
  expect(first._grpc?.messages[1]?.json).toEqual({ 1: 'Ada', 2: 5 });
  const again = await rendered('har', await things(), 'keep', [exchangeOf(first, 1)]);
  expect(entryIn(again)._grpc?.messages[1]?.json).toEqual({ name: 'Ada', size: '5' });
});

test('an item of a collection says what it is and shows its messages', async () => {
  const call = login();
  const failing = grpcExchange({
    path: '/demo.v1.Things/Watch',
    request: encoded('demo.v1.GetRequest', { name: 'Ada' }),
    response: Buffer.concat([
      encoded('demo.v1.Thing', { name: 'a' }),
      encoded('demo.v1.Thing', { name: 'b' }),
    ]),
    trailers: [
      ['grpc-status', '8'],
      ['grpc-message', 'too many'],
    ],
  });
  const text = await rendered('postman', await things(), 'redact', [call, failing]);
  const items = JSON.parse(text).item.flatMap((item: { item?: unknown[] }) => item.item ?? [item]);
  const [get, watch] = items;
  expect(JSON.parse(get.request.body.raw)).toEqual({ name: 'Ada', password: '{{password}}' });
  expect(get.request.body.options.raw.language).toBe('json');
  expect(get.request.description).toMatch(/^This is a gRPC call of demo\.v1\.Things\/Get, which/);
  expect(JSON.parse(get.response[0].body)).toEqual({ name: 'Ada', size: '5' });
  expect(get.response[0].name).toBe('200 OK (OK)');
  expect(JSON.parse(watch.response[0].body)).toEqual([{ name: 'a' }, { name: 'b' }]);
  expect(watch.response[0].name).toBe('200 OK (RESOURCE_EXHAUSTED: too many)');
});
