import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange.ts';
import { withCall } from '../../src/grpc/described-calls.ts';
import { framed, grpcExchange } from '../helpers/grpc.ts';

/** Field 1 is "hello", field 2 is 150. */
const hello = Buffer.from([0x0a, 5, ...Buffer.from('hello'), 0x10, 0x96, 1]);

async function callOf(exchange: Exchange) {
  const { grpc } = await withCall(exchange);
  return grpc?.call();
}

test('reads the messages of both sides one by one, and the status from the trailers', async () => {
  const call = await callOf(
    grpcExchange({
      request: framed(hello),
      response: Buffer.concat([framed(hello), framed(Buffer.alloc(0))]),
    }),
  );
  expect(call).toEqual({
    protocol: 'grpc',
    service: 'demo.v1.Things',
    method: 'Get',
    status: { code: 0, name: 'OK' },
    messages: [
      { from: 'client', json: { 1: 'hello', 2: 150 } },
      { from: 'server', json: { 1: 'hello', 2: 150 } },
      { from: 'server', json: {} },
    ],
  });
});

test('reads the status of an answer that is headers only, and decodes its message', async () => {
  const call = await callOf(
    grpcExchange({
      trailers: [],
      responseHeaders: [
        ['grpc-status', '5'],
        ['grpc-message', 'caf%C3%A9 %zz'],
      ],
    }),
  );
  expect(call?.status).toEqual({ code: 5, name: 'NOT_FOUND', message: 'café %zz' });
});

test('reads the details of a status, the unknown ones by number', async () => {
  // google.rpc.Status with one detail: an Any of the type a.B that holds `hello`.
  const typeUrl = Buffer.from('type.googleapis.com/a.B');
  const any = Buffer.concat([
    Buffer.from([0x0a, typeUrl.length]),
    typeUrl,
    Buffer.from([0x12, hello.length]),
    hello,
  ]);
  const status = Buffer.concat([Buffer.from([0x08, 5, 0x1a, any.length]), any]);
  const call = await callOf(
    grpcExchange({
      trailers: [
        ['grpc-status', '5'],
        ['grpc-status-details-bin', status.toString('base64').replace(/=+$/, '')],
      ],
    }),
  );
  expect(call?.status?.details).toEqual([
    { '@type': 'type.googleapis.com/a.B', 1: 'hello', 2: 150 },
  ]);
});

test('reads gRPC-Web text, whose pieces have padding of their own, and its trailer frame', async () => {
  const trailers = framed(Buffer.from('grpc-status:16\r\ngrpc-message:who%20are%20you\r\n'), 0x80);
  const pieces = [framed(hello), trailers].map((piece) => piece.toString('base64')).join('');
  const call = await callOf(
    grpcExchange({
      contentType: 'application/grpc-web-text+proto',
      request: Buffer.from(framed(hello).toString('base64')),
      response: Buffer.from(pieces),
      trailers: [],
    }),
  );
  expect(call?.protocol).toBe('grpc-web');
  expect(call?.messages.map(({ json }) => json)).toEqual([
    { 1: 'hello', 2: 150 },
    { 1: 'hello', 2: 150 },
  ]);
  expect(call?.status).toEqual({
    code: 16,
    name: 'UNAUTHENTICATED',
    message: 'who are you',
  });
});

test('reads the end of a Connect stream as its status', async () => {
  const end = { error: { code: 'resource_exhausted', message: 'slow down' } };
  const call = await callOf(
    grpcExchange({
      contentType: 'application/connect+proto',
      request: framed(hello),
      response: Buffer.concat([
        framed(hello),
        framed(gzipSync(Buffer.from(JSON.stringify(end))), 0x03),
      ]),
      responseHeaders: [['connect-content-encoding', 'gzip']],
      trailers: [],
    }),
  );
  expect(call?.messages).toHaveLength(2);
  expect(call?.status).toEqual({ code: 8, name: 'RESOURCE_EXHAUSTED', message: 'slow down' });
});

test('reads a unary Connect call, and the JSON of one that failed', async () => {
  const unary = { contentType: 'application/proto', request: hello, trailers: [] };
  const done = await callOf(grpcExchange({ ...unary, response: hello }));
  expect(done?.messages).toHaveLength(2);
  expect(done?.status).toEqual({ code: 0, name: 'OK' });
  const failed = await callOf(
    grpcExchange({
      ...unary,
      response: Buffer.from('{"code":"not_found","message":"nothing"}'),
      responseType: 'application/json',
      status: 404,
    }),
  );
  expect(failed?.status).toEqual({ code: 5, name: 'NOT_FOUND', message: 'nothing' });
});

test.each(['gzip', 'deflate'])('decompresses %s', async (coding) => {
  const { deflateSync } = await import('node:zlib');
  const compressed = coding === 'gzip' ? gzipSync(hello) : deflateSync(hello);
  const call = await callOf(
    grpcExchange({
      request: framed(compressed, 1),
      requestHeaders: [['grpc-encoding', coding]],
    }),
  );
  expect(call?.messages).toEqual([{ from: 'client', json: { 1: 'hello', 2: 150 } }]);
});

test('gives what it cannot decompress as bytes, with a word', async () => {
  const call = await callOf(
    grpcExchange({
      request: Buffer.concat([framed(hello, 1), framed(hello, 0)]),
      requestHeaders: [['grpc-encoding', 'snappy']],
    }),
  );
  expect(call?.messages[0]).toEqual({
    from: 'client',
    base64: hello.toString('base64'),
    note: 'Not decompressed: unknown content coding snappy.',
  });
  expect(call?.messages[1]?.json).toEqual({ 1: 'hello', 2: 150 });
});

test('does not let a small message grow beyond a limit', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const call = await callOf(
    grpcExchange({ request: framed(bomb, 1), requestHeaders: [['grpc-encoding', 'gzip']] }),
  );
  expect(call?.messages[0]?.note).toMatch(/^Not decompressed: gzip: .*/);
});

test('gives what is whole where a length lies or the body is cut, and says the rest', async () => {
  const lying = framed(hello);
  lying.writeUInt32BE(0xffff_ffff, 1);
  const call = await callOf(
    grpcExchange({
      request: Buffer.concat([framed(hello), lying]),
      response: Buffer.concat([framed(hello), Buffer.from([0, 0])]),
    }),
  );
  expect(call?.messages).toHaveLength(2);
  expect(call?.notes).toEqual([
    'Request: the last message is announced with 4294967295 bytes, of which 10 are there.',
    'Response: the body ends within the prefix of a message.',
  ]);
});

test('says so where the answer is not gRPC', async () => {
  const call = await callOf(
    grpcExchange({
      response: Buffer.from('<html>'),
      responseType: 'text/html',
      status: 502,
      trailers: [],
    }),
  );
  expect(call?.status).toBeUndefined();
  expect(call?.notes).toEqual(['Response: HTTP status 502, text/html.']);
});

test('reads messages that are JSON, and keeps those of other codecs as bytes', async () => {
  const json = await callOf(
    grpcExchange({
      contentType: 'application/grpc+json',
      request: framed(Buffer.from('{"b":1,"a":2}')),
    }),
  );
  expect(JSON.stringify(json?.messages)).toBe('[{"from":"client","json":{"b":1,"a":2}}]');
  const thrift = await callOf(
    grpcExchange({ contentType: 'application/grpc+thrift', request: framed(hello) }),
  );
  expect(thrift?.messages[0]?.note).toBe('Written as thrift.');
});

test('takes nothing else for a call', async () => {
  for (const contentType of ['application/json', 'application/grpcx', 'text/html', '']) {
    expect(await callOf(grpcExchange({ contentType }))).toBeUndefined();
  }
  expect(await callOf(grpcExchange({ path: '/' }))).toBeUndefined();
});

test('reads a body of ten megabytes with many messages', async () => {
  const large = framed(
    Buffer.concat([Buffer.from([0x0a, 0x80, 0x80, 0x40]), Buffer.alloc(2 ** 20)]),
  );
  const call = await callOf(
    grpcExchange({ response: Buffer.concat(Array.from({ length: 10 }, () => large)) }),
  );
  expect(call?.messages).toHaveLength(11);
  const many = Buffer.concat(Array.from({ length: 20_000 }, () => framed(Buffer.alloc(0))));
  const counted = await callOf(grpcExchange({ response: many }));
  expect(counted?.notes).toEqual(['Response: only the first 10000 messages are read.']);
});
