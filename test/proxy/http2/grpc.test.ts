import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  type ClientDuplexStream,
  compressionAlgorithms,
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { callUnary, grpcClient, grpcUpstream } from '../../helpers/grpc-peers.ts';
import { answerIn, recordingProxy } from '../../helpers/proxy.ts';

/** How a call ends; `once` would reject with its error. */
function statusOf(call: ClientDuplexStream<Buffer, Buffer>): Promise<StatusObject> {
  call.on('error', () => {});
  return new Promise((resolve) => call.once('status', resolve));
}

const details = Buffer.from([0, 1, 2, 255]);

/** Answers with what it was sent; the metadata `fail` asks for an error. */
const echo: UntypedServiceImplementation = {
  unary(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    const [asked] = call.metadata.get('fail');
    if (asked === undefined) {
      const head = new Metadata();
      for (const value of call.metadata.get('some-bin')) head.add('some-bin', value);
      call.sendMetadata(head);
      const trailers = new Metadata();
      trailers.set('x-sum', String(call.request.length));
      done(null, call.request, trailers);
      return;
    }
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', details);
    done({ code: Number(asked), details: `no: 100 % ä`, metadata });
  },
  server(call: ServerWritableStream<Buffer, Buffer>) {
    const count = call.request.readUInt32BE();
    for (let i = 0; i < count; i += 1) call.write(Buffer.from(`${i}`));
    call.end();
  },
  client(call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    const parts: Buffer[] = [];
    call.on('data', (part: Buffer) => parts.push(part));
    call.on('end', () => done(null, Buffer.concat(parts)));
  },
  both(call: ServerDuplexStream<Buffer, Buffer>) {
    call.on('data', (part: Buffer) => call.write(part));
    call.on('end', () => call.end());
  },
};

describe.each([
  ['over TLS', true],
  ['in clear text', false],
])('gRPC %s', (_, secure) => {
  test('a unary call looks the same through the proxy', async () => {
    const upstream = await grpcUpstream(secure, echo);
    const proxy = await recordingProxy();
    const metadata = new Metadata();
    metadata.add('some-bin', randomBytes(20));
    metadata.add('some-bin', Buffer.alloc(0));
    const sent = randomBytes(1000);
    const [direct, proxied] = await Promise.all([
      callUnary(await grpcClient(upstream, undefined), sent, metadata),
      callUnary(await grpcClient(upstream, proxy), sent, metadata),
    ]);
    expect(direct.message).toEqual(sent);
    expect(proxied.message).toEqual(sent);
    expect(proxied.metadata?.get('some-bin')).toEqual(direct.metadata?.get('some-bin'));
    expect(proxied.status?.metadata.get('x-sum')).toEqual(['1000']);
    const exchange = await proxy.onlyRecorded();
    expect(exchange.request).toMatchObject({ method: 'POST', httpVersion: '2.0' });
    expect(exchange.request.url).toBe(
      `${secure ? 'https' : 'http'}://${upstream.address}/test.Echo/Unary`,
    );
    expect(answerIn(exchange).trailers).toContainEqual(['grpc-status', '0']);
    expect(answerIn(exchange).httpVersion).toBe('2.0');
  });

  test('an error comes with its status, its message and its details, without a body', async () => {
    const upstream = await grpcUpstream(secure, echo);
    const proxy = await recordingProxy();
    const metadata = new Metadata();
    metadata.set('fail', String(status.NOT_FOUND));
    const [direct, proxied] = await Promise.all([
      callUnary(await grpcClient(upstream, undefined), Buffer.alloc(0), metadata),
      callUnary(await grpcClient(upstream, proxy), Buffer.alloc(0), metadata),
    ]);
    expect(direct.error).toMatchObject({ code: status.NOT_FOUND, details: 'no: 100 % ä' });
    expect(proxied.error).toMatchObject({ code: status.NOT_FOUND, details: 'no: 100 % ä' });
    expect(proxied.error?.metadata.get('grpc-status-details-bin')).toEqual([details]);
  });

  test('a server streams', async () => {
    const upstream = await grpcUpstream(secure, echo);
    const client = await grpcClient(upstream, await recordingProxy());
    const count = Buffer.alloc(4);
    count.writeUInt32BE(2000);
    const parts: string[] = [];
    for await (const part of client.server(count)) parts.push(String(part));
    expect(parts).toEqual(Array.from({ length: 2000 }, (_, i) => `${i}`));
  });

  test('a client streams', async () => {
    const upstream = await grpcUpstream(secure, echo);
    const client = await grpcClient(upstream, await recordingProxy());
    const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
      const call = client.client(new Metadata(), (error, message) =>
        error ? reject(error) : resolve(message),
      );
      for (let i = 0; i < 1000; i += 1) call.write(Buffer.from(`${i},`));
      call.end();
    });
    expect(String(answer)).toBe(Array.from({ length: 1000 }, (_, i) => `${i},`).join(''));
  });

  test('both sides talk in turn while the call stays open', async () => {
    const upstream = await grpcUpstream(secure, echo);
    const proxy = await recordingProxy();
    const call = (await grpcClient(upstream, proxy)).both();
    for (let i = 0; i < 50; i += 1) {
      call.write(Buffer.from(`ping ${i}`));
      expect(String((await once(call, 'data'))[0])).toBe(`ping ${i}`);
    }
    call.end();
    expect((await statusOf(call.resume() as never)).code).toBe(status.OK);
    expect((await proxy.onlyRecorded()).outcome.kind).toBe('completed');
  });

  test('messages of 10 MB, and compressed ones, arrive byte for byte', async () => {
    const upstream = await grpcUpstream(secure, echo);
    const proxy = await recordingProxy();
    const large = randomBytes(10_000_000);
    const plain = await grpcClient(upstream, proxy);
    expect((await callUnary(plain, large)).message?.equals(large)).toBe(true);
    const compressed = await grpcClient(upstream, proxy, {
      'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
    });
    const text = Buffer.from('compressible '.repeat(10_000));
    expect((await callUnary(compressed, text)).message?.equals(text)).toBe(true);
  });

  test('a deadline that passes, and a call that is cancelled, reach the server', async () => {
    let calls = 0;
    let cancelled = 0;
    const upstream = await grpcUpstream(secure, {
      ...echo,
      both(call: ServerDuplexStream<Buffer, Buffer>) {
        calls += 1;
        call.on('data', (part: Buffer) => call.write(part));
        call.on('cancelled', () => {
          cancelled += 1;
        });
      },
    });
    const proxy = await recordingProxy();
    const client = await grpcClient(upstream, proxy);
    await callUnary(client, Buffer.alloc(0));
    const late = client.both(new Metadata(), { deadline: Date.now() + 300 });
    const lateStatus = statusOf(late);
    late.resume();
    expect((await lateStatus).code).toBe(status.DEADLINE_EXCEEDED);
    const call = client.both();
    const callStatus = statusOf(call);
    call.write(Buffer.from('x'));
    await once(call, 'data');
    call.cancel();
    expect((await callStatus).code).toBe(status.CANCELLED);
    await eventually(() => expect(cancelled).toBe(calls));
    const [, ...others] = await proxy.recorded(3);
    expect(others.map(({ outcome }) => outcome.kind)).toEqual(['aborted', 'aborted']);
  });
});
