import { once } from 'node:events';
import { connect, createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import grpc from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { withCall } from '../../src/grpc/described-calls.ts';
import { fileTypes } from '../../src/grpc/file-types.ts';
import { compileProtos } from '../../src/grpc/proto-files.ts';
import { framed, grpcExchange } from '../helpers/grpc.ts';
import { startThings, thingsClient, thingsFolder } from '../helpers/grpc-server.ts';

const lines = (headers: IncomingHttpHeaders): Header[] =>
  Object.entries(headers).map(([name, value]) => [name, String(value)]);

const things = async () => fileTypes(await compileProtos([await thingsFolder()]));

test('reads what grpc-js sends, compressed', async () => {
  const server = createServer();
  const received = new Promise<{ headers: IncomingHttpHeaders; body: Buffer }>((resolve) => {
    server.on('stream', async (stream, headers) => {
      const body = await buffer(stream);
      stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true });
      resolve({ headers, body });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = await thingsClient((server.address() as AddressInfo).port, {
    'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
  });
  onTestFinished(() => {
    client.close();
    server.close();
  });
  client.get({ name: 'Ada'.repeat(100), password: 'p' });
  const { headers, body } = await received;
  expect(headers['grpc-encoding']).toBe('gzip');
  expect(body[0]).toBe(1);
  const exchange = grpcExchange({ request: body, requestHeaders: lines(headers) });
  const call = await (await withCall(exchange, await things())).grpc?.call();
  expect(call?.messages).toEqual([
    {
      from: 'client',
      type: 'demo.v1.GetRequest',
      json: { name: 'Ada'.repeat(100), password: 'p' },
    },
  ]);
});

test('reads what grpc-js answers: messages, an error with its message, an unknown method', async () => {
  const server = await startThings();
  const session = connect(`http://127.0.0.1:${server.port}`);
  onTestFinished(() => {
    session.close();
    server.close();
  });
  async function asked(path: string, name: string) {
    const request = framed(Buffer.from([0x0a, name.length, ...Buffer.from(name)]));
    const headers = { 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
    stream.end(request);
    let trailers: IncomingHttpHeaders = {};
    stream.on('trailers', (given) => {
      trailers = given;
    });
    const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    const body = await buffer(stream);
    const exchange = grpcExchange({
      path,
      request,
      response: body,
      responseHeaders: lines(answer),
      trailers: lines(trailers),
    });
    return (await withCall(exchange, await things())).grpc?.call();
  }
  const got = await asked('/demo.v1.Things/Get', 'Ada');
  expect(got?.status).toMatchObject({ code: 0, name: 'OK' });
  expect(got?.messages[1]?.json).toEqual({ name: 'Ada', size: '5' });
  const refused = await asked('/demo.v1.Things/Get', 'nobody');
  expect(refused?.status).toEqual({ code: 5, name: 'NOT_FOUND', message: 'naïve 100%\nno nobody' });
  const unknown = await asked('/demo.v1.Things/Fly', 'Ada');
  expect(unknown?.status).toMatchObject({ code: 12, name: 'UNIMPLEMENTED' });
});
