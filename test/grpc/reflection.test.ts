import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import grpc from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { reflectedTypes } from '../../src/grpc/reflected-types.ts';
import { reflectService } from '../../src/grpc/reflection.ts';
import { selfSignedCertificate } from '../helpers/certificates.ts';
import { framed } from '../helpers/grpc.ts';
import { startThings } from '../helpers/grpc-server.ts';

/** A server that answers every stream as it is told. */
async function serve(answer: (stream: ServerHttp2Stream, path: string) => void): Promise<string> {
  const server: Http2Server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    answer(stream, String(headers[':path']));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' };
const limits = { timeoutMs: 300, maxBytes: 100_000 };

test('learns the types of a service and of what it imports', async () => {
  const server = await startThings();
  onTestFinished(() => server.close());
  const registry = await reflectService(`http://127.0.0.1:${server.port}`, 'demo.v1.Things');
  const method = registry.getService('demo.v1.Things')?.methods[0];
  expect(method?.output.fields.map(({ name }) => name)).toEqual(['name', 'size', 'made_at']);
  // This server sends no JSON names.
  expect(method?.output.fields.map(({ jsonName }) => jsonName)).toEqual(['name', 'size', 'madeAt']);
  expect(method?.output.field['madeAt']?.message?.typeName).toBe('google.protobuf.Timestamp');
});

test('trusts what it is given, over TLS', async () => {
  const { key, cert } = await selfSignedCertificate('localhost');
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  const server = await startThings(grpc.ServerCredentials.createSsl(null, [pair]));
  onTestFinished(() => server.close());
  const origin = `https://localhost:${server.port}`;
  await expect(reflectService(origin, 'demo.v1.Things')).rejects.toThrow(/self-signed/);
  const registry = await reflectService(origin, 'demo.v1.Things', { ca: cert });
  expect(registry.getService('demo.v1.Things')).toBeDefined();
});

test('says which service a server does not have', async () => {
  const server = await startThings();
  onTestFinished(() => server.close());
  await expect(reflectService(`http://127.0.0.1:${server.port}`, 'demo.v1.None')).rejects.toThrow(
    /demo\.v1\.None/,
  );
});

test('asks v1alpha where a server does not know v1', async () => {
  const paths: string[] = [];
  const origin = await serve((stream, path) => {
    paths.push(path);
    stream.respond({ ...HEADERS, 'grpc-status': '12' }, { endStream: true });
  });
  await expect(reflectService(origin, 'a.B', {}, limits)).rejects.toThrow(
    'the server has no reflection (status 12)',
  );
  expect(paths).toEqual([
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
  ]);
});

test.each<[string, (stream: ServerHttp2Stream) => void, RegExp]>([
  ['hangs', (stream) => stream.respond(HEADERS), /no answer within 300 ms/],
  ['is plain HTTP', (stream) => stream.respond({ ':status': 404 }), /HTTP status 404/],
  [
    'announces too much',
    (stream) => {
      stream.respond(HEADERS);
      stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
    },
    /a message of 4294967300 bytes is announced/,
  ],
  [
    'does not stop',
    (stream) => {
      stream.respond(HEADERS);
      stream.write(Buffer.alloc(200_000));
      stream.write(Buffer.alloc(200_000));
    },
    /./,
  ],
  [
    'sends what is not an answer',
    (stream) => {
      stream.respond(HEADERS);
      stream.write(framed(Buffer.from([0x22, 5, 1, 1, 1, 1, 1])));
    },
    /./,
  ],
  [
    'sends a file that does not hold together',
    (stream) => {
      stream.respond(HEADERS);
      // A file called "a" with a message whose field has the type ".no.Such".
      const field = [
        0x0a,
        1,
        0x66,
        0x18,
        1,
        0x20,
        1,
        0x28,
        11,
        0x32,
        8,
        ...Buffer.from('.no.Such'),
      ];
      const message = [0x0a, 1, 0x4d, 0x12, field.length, ...field];
      const file = [0x0a, 1, 0x61, 0x22, message.length, ...message];
      const list = [0x0a, file.length, ...file];
      stream.write(framed(Buffer.from([0x22, list.length, ...list])));
    },
    /no\.Such/,
  ],
])('fails in words where the server %s', async (_, answer, message) => {
  const origin = await serve(answer);
  await expect(reflectService(origin, 'a.B', {}, limits)).rejects.toThrow(message);
});

test('fails in words where nobody listens, or nobody speaks HTTP/2', async () => {
  const server = createTcpServer((socket) => {
    socket.resume().on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(reflectService(`http://127.0.0.1:${port}`, 'a.B', {}, limits)).rejects.toThrow();
  await new Promise((resolve) => server.close(resolve));
  await expect(reflectService(`http://127.0.0.1:${port}`, 'a.B', {}, limits)).rejects.toThrow(
    /ECONNREFUSED/,
  );
});

test('asks once for each service, and keeps the reason why there is nothing', async () => {
  let streams = 0;
  const origin = await serve((stream) => {
    streams += 1;
    stream.respond(
      { ...HEADERS, 'grpc-status': '7', 'grpc-message': 'go%20away' },
      { endStream: true },
    );
  });
  const types = reflectedTypes(() => ({}));
  void types.registryOf(`${origin}/a.B/C`, 'a.B');
  const found = await types.find(`${origin}/a.B/C`, 'a.B', 'C');
  await types.find(`${origin}/a.B/D`, 'a.B', 'D');
  expect(found.note).toBe('Reflection of a.B failed: go away.');
  expect(streams).toBe(1);
});
