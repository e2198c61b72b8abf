import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { openAuthority } from '../../../src/proxy/authority.ts';
import { clientCertificate, selfSignedCertificate } from '../../helpers/certificates.ts';
import { eventually } from '../../helpers/eventually.ts';
import { newFolder } from '../../helpers/folder.ts';
import { askHttp2, http2Session, http2SessionTo } from '../../helpers/http2-client.ts';
import {
  clearHttp2Upstream,
  type Http2Handler,
  secureHttp2Upstream,
} from '../../helpers/http2-upstream.ts';
import { recordingProxy } from '../../helpers/proxy.ts';
import { listen } from '../../helpers/upstream.ts';

const sayVersion: Http2Handler = (request, response) => response.end(request.httpVersion);

/** An HTTP proxy that grants tunnels, or refuses them, and answers everything else itself. */
async function otherProxy(grants: boolean) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end('from the other proxy');
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    seen.push(`CONNECT ${request.url}`);
    if (!grants) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
  });
  const { url } = await listen(server, 'http', '127.0.0.1');
  return { via: new URL(url), seen };
}

describe('HTTP/2 through another proxy', () => {
  test('goes through tunnels, over TLS and in clear text', async () => {
    const { via, seen } = await otherProxy(true);
    const proxy = await recordingProxy({ via });
    const secure = await secureHttp2Upstream(sayVersion);
    const clear = await clearHttp2Upstream(sayVersion);
    expect((await askHttp2(await http2Session(proxy, secure))).body).toBe('2.0');
    expect((await askHttp2(await http2Session(proxy, clear))).body).toBe('2.0');
    expect(seen).toEqual([`CONNECT ${secure.host}`, `CONNECT ${clear.host}`]);
  });

  test('becomes HTTP/1.1 in absolute-form where no tunnel is granted', async () => {
    const { via, seen } = await otherProxy(false);
    const proxy = await recordingProxy({ via });
    const session = http2SessionTo(proxy);
    const asked = { ':authority': 'example.invalid', ':scheme': 'http' };
    for (let i = 0; i < 2; i += 1)
      expect((await askHttp2(session, asked)).body).toBe('from the other proxy');
    expect(seen).toEqual([
      'CONNECT example.invalid:80',
      ...Array(2).fill('GET http://example.invalid/'),
    ]);
  });

  test('goes through SOCKS', async () => {
    const other = await recordingProxy();
    const proxy = await recordingProxy({ via: new URL(`socks5://127.0.0.1:${other.port}`) });
    const clear = await clearHttp2Upstream(sayVersion);
    expect((await askHttp2(await http2Session(proxy, clear))).body).toBe('2.0');
    expect((await other.onlyRecorded()).request.httpVersion).toBe('2.0');
  });

  test('goes through a second pmproxy, streams, trailers and all', async () => {
    const other = await recordingProxy();
    const proxy = await recordingProxy({
      via: new URL(other.url),
      trust: [other.authority.certPem],
    });
    const secure = await secureHttp2Upstream((request, response) => {
      response.addTrailers({ 'x-sum': '1' });
      request.pipe(response);
    });
    const { body, trailers } = await askHttp2(
      await http2Session(proxy, secure),
      { ':method': 'POST' },
      'hello',
    );
    expect([body, trailers?.['x-sum']]).toEqual(['hello', '1']);
    await other.onlyRecorded();
  });
});

test('a client certificate is shown', async () => {
  const authority = await openAuthority(await newFolder());
  const upstream = await secureHttp2Upstream(
    (request, response) => {
      const { socket } = request.stream.session as ServerHttp2Session;
      const { subject } = (socket as TLSSocket).getPeerCertificate();
      response.end(String(subject.CN));
    },
    { requestCert: true, ca: authority.certPem, rejectUnauthorized: true },
  );
  const identity = await clientCertificate(authority, 'me');
  const proxy = await recordingProxy({ clientCertificates: [{ matches: () => true, identity }] });
  expect((await askHttp2(await http2Session(proxy, upstream))).body).toBe('me');
});

test('a certificate that nobody vouches for is refused, or accepted where the user says so', async () => {
  const upstream = await secureHttp2Upstream(sayVersion, await selfSignedCertificate('localhost'));
  const strict = await recordingProxy();
  const { headers } = await askHttp2(await http2Session(strict, upstream));
  expect(headers[':status']).toBe(502);
  expect((await strict.onlyRecorded()).outcome).toMatchObject({ reason: { kind: 'tls' } });
  const lenient = await recordingProxy({ insecure: () => true });
  expect((await askHttp2(await http2Session(lenient, upstream))).body).toBe('2.0');
});

test('a server that says nothing is given up after the timeout, and its stream is reset', async () => {
  const codes: (number | undefined)[] = [];
  const upstream = await clearHttp2Upstream((request) => {
    request.stream.once('close', () => codes.push(request.stream.rstCode));
  });
  const proxy = await recordingProxy({ timeoutMs: 500 });
  const { headers } = await askHttp2(await http2Session(proxy, upstream));
  expect(headers[':status']).toBe(504);
  expect((await proxy.onlyRecorded()).outcome).toMatchObject({ reason: { kind: 'timeout' } });
  await eventually(() => expect(codes).toEqual([8]));
  expect(upstream.sockets.size).toBe(1);
});

test('a request that finds no free stream is given up after the timeout', async () => {
  const upstream = await clearHttp2Upstream(() => {}, { settings: { maxConcurrentStreams: 0 } });
  const proxy = await recordingProxy({ timeoutMs: 500 });
  const { headers } = await askHttp2(await http2Session(proxy, upstream));
  expect(headers[':status']).toBe(504);
});

test('a stop waits for a stream under way, and ends sessions that do nothing', async () => {
  let finish = () => {};
  const upstream = await clearHttp2Upstream((_, response) => {
    response.write('first ');
    finish = () => response.end('last');
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/' });
  stream.setEncoding('utf8');
  await once(stream, 'data');
  const closed = proxy.close(20_000);
  finish();
  expect((await once(stream, 'data'))[0]).toBe('last');
  await closed;
  await eventually(() => expect(upstream.sockets.size).toBe(0));
});

test('a server that wants HTTP/1.1 for a request gets it', async () => {
  const upstream = await secureHttp2Upstream(
    (request, response) => {
      if (request.httpVersion === '2.0') response.stream.close(13);
      else response.end(request.httpVersion);
    },
    { allowHTTP1: true },
  );
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  expect((await askHttp2(session)).body).toBe('1.1');
  expect((await askHttp2(session)).body).toBe('1.1');
});
