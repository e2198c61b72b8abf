import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { GrpcCall } from '../../src/exchange.ts';
import { entryOf } from '../../src/har/entry.ts';
import { captureClient } from '../helpers/capture-client.ts';
import { newPlace, runCli, startListening, startSave } from '../helpers/cli.ts';
import { framed, grpcExchange } from '../helpers/grpc.ts';
import { callUnary, grpcClient, grpcUpstream } from '../helpers/grpc-peers.ts';
import { startThings, thingsFolder } from '../helpers/grpc-server.ts';

test('convert reads gRPC messages with the types of --proto', async () => {
  const place = await newPlace();
  const hello = framed(Buffer.from([0x0a, 5, ...Buffer.from('hello')]));
  const entry = await entryOf(grpcExchange({ request: hello, response: hello }));
  await writeFile(place.path('in.har'), JSON.stringify({ log: { entries: [entry] } }));
  const args = ['convert', 'in.har', '-o', 'out.har', '--proto', await thingsFolder()];
  const end = await runCli(place, args);
  expect(end).toMatchObject({ code: 0 });
  const har = await place.json<{ log: { entries: { _grpc: unknown }[] } }>('out.har');
  expect(har.log.entries[0]?._grpc).toMatchObject({
    status: { name: 'OK' },
    messages: [
      { from: 'client', type: 'demo.v1.GetRequest', json: { name: 'hello' } },
      { from: 'server', type: 'demo.v1.Thing', json: { name: 'hello' } },
    ],
  });
});

test.each(['convert', 'save', 'sync'])(
  '%s refuses a --proto that does not compile',
  async (command) => {
    const place = await newPlace();
    await writeFile(place.path('bad.proto'), 'syntax = "proto3";\nmessage M {\n  Nope n = 1;\n}\n');
    await writeFile(place.path('in.har'), JSON.stringify({ log: { entries: [] } }));
    const input = command === 'convert' ? ['in.har', '-o', 'out.har'] : ['--port', '0'];
    const end = await runCli(place, [command, ...input, '--proto', 'bad.proto']);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('bad.proto:3: unknown type "Nope".');
  },
);

test('save asks servers for the types of their messages with --grpc-reflection', async () => {
  const server = await startThings();
  onTestFinished(() => server.close());
  const place = await newPlace();
  const save = await startSave(place, ['-o', 'out.har', '--grpc-reflection']);
  const body = framed(Buffer.from([0x0a, 5, ...Buffer.from('hello')]));
  // The server does not speak HTTP/1.1, so that the call fails; what was asked is recorded all the same.
  await post(save.port, `http://127.0.0.1:${server.port}/demo.v1.Things/Get`, body);
  const end = await save.end('SIGINT');
  expect(end.code).toBe(0);
  const har = await place.json<{ log: { entries: { _grpc: GrpcCall }[] } }>('out.har');
  expect(har.log.entries[0]?._grpc.messages).toEqual([
    {
      from: 'client',
      at: expect.any(Number),
      type: 'demo.v1.GetRequest',
      json: { name: 'hello' },
    },
  ]);
});

test('a server without reflection is served and recorded, and the call says what is missing', async () => {
  const upstream = await grpcUpstream(false, {
    unary: (call: { request: Buffer }, done: (error: null, answer: Buffer) => void) =>
      done(null, call.request),
  });
  const place = await newPlace();
  const save = await startSave(place, ['-o', 'out.har', '--grpc-reflection']);
  const client = await grpcClient(upstream, { url: save.proxy, authority: { certPem: '' } });
  const sent = Buffer.from([0x08, 7]);
  expect((await callUnary(client, sent)).message).toEqual(sent);
  expect((await save.end('SIGINT')).code).toBe(0);
  const har = await place.json<{ log: { entries: { _grpc: GrpcCall }[] } }>('out.har');
  expect(har.log.entries[0]?._grpc).toMatchObject({
    status: { name: 'OK' },
    messages: [
      { from: 'client', json: { '1': 7 } },
      { from: 'server', json: { '1': 7 } },
    ],
    notes: [expect.stringMatching(/^Reflection of test\.Echo failed: .*no reflection/)],
  });
});

test('sync pushes calls with the types of files and servers', async () => {
  const server = await startThings();
  onTestFinished(() => server.close());
  const [place, client] = await Promise.all([newPlace(), captureClient()]);
  const sync = await startListening(place, [
    'sync',
    ...['--client', client.address, '--no-client', '--grpc-reflection'],
  ]);
  const body = framed(
    Buffer.from([0x0a, 3, ...Buffer.from('Ada'), 0x12, 6, ...Buffer.from('s3cr3t')]),
  );
  await post(sync.port, `http://127.0.0.1:${server.port}/demo.v1.Things/Get`, body);
  const [entry] = await client.stored(1);
  expect((await sync.end('SIGINT')).code).toBe(0);
  expect(entry?._grpc?.messages).toEqual([
    {
      from: 'client',
      at: expect.any(Number),
      type: 'demo.v1.GetRequest',
      json: { name: 'Ada', password: '{{password}}' },
    },
  ]);
  expect(entry?._grpc?.leftOut).toEqual(['request']);
  expect(entry?.request.postData?.text).toBe('');
});

/** Sends a call through a proxy, and waits for whatever comes. */
async function post(proxyPort: number, url: string, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/grpc', 'content-length': body.length };
  const sent = request({ port: proxyPort, host: '127.0.0.1', path: url, method: 'POST', headers });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  answer.resume();
  await once(answer, 'end');
}
