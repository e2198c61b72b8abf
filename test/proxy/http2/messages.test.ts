import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { constants } from 'node:http2';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { ask, openSecureTunnel } from '../../helpers/http-client.ts';
import { answerTo, askHttp2, http2Session, http2SessionTo } from '../../helpers/http2-client.ts';
import {
  answerData,
  answerHeaders,
  frameType,
  rawHttp2Upstream,
} from '../../helpers/http2-raw-upstream.ts';
import { clearHttp2Upstream, secureHttp2Upstream } from '../../helpers/http2-upstream.ts';
import { answerIn, recordingProxy } from '../../helpers/proxy.ts';
import { connectRaw } from '../../helpers/raw-client.ts';
import { tcpUpstream } from '../../helpers/upstream.ts';

test('fields about a connection end at the proxy, and the others go on in lower case', async () => {
  const upstream = await secureHttp2Upstream((request, response) => {
    response.setHeader('X-Raw', JSON.stringify(request.rawHeaders));
    response.end();
  });
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host);
  const answer = await ask(proxy, upstream.url, {
    over,
    headers: [
      ...['Connection', 'keep-alive, X-Hop', 'X-Hop', '1', 'Keep-Alive', 'timeout=1'],
      ...[
        'Proxy-Connection',
        'keep-alive',
        'TE',
        'trailers, deflate',
        'X-MiXeD',
        'a',
        'x-mixed',
        'b',
      ],
      ...['Cookie', 'a=1; b=2', 'X-Latin', 'caf\xe9'],
    ],
  });
  const raw: string[] = JSON.parse(answer.header('x-raw') ?? '[]');
  const lines = raw.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${raw[at + 1]}`] : []));
  expect(lines.sort()).toEqual(
    [
      ...[`:authority: ${upstream.host}`, ':method: GET', ':path: /', ':scheme: https'],
      ...['cookie: a=1; b=2', 'te: trailers', 'x-latin: caf\xe9', 'x-mixed: a', 'x-mixed: b'],
    ].sort(),
  );
});

test('TE: trailers goes on over HTTP/1.1 as a field of that connection', async () => {
  let head = '';
  const upstream = await tcpUpstream((socket) => {
    socket.on('data', (chunk) => {
      head += chunk;
      if (head.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const proxy = await recordingProxy();
  await ask(proxy, upstream.url, { headers: ['TE', 'gzip;q=0.5, trailers', 'Connection', 'TE'] });
  expect(head).toContain('\r\nTE: trailers\r\nConnection: TE\r\n');
});

/** Sends a chunked request with a trailer over HTTP/1.1. */
async function sendWithTrailer(proxy: { readonly port: number }, url: string): Promise<void> {
  const client = await connectRaw(proxy.port);
  const { host } = new URL(url);
  client.send(
    `POST ${url}/ HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n` +
      '2\r\nhi\r\n0\r\nX-Sum: 42\r\n\r\n',
  );
  await client.until(/HTTP\/1\.1 200/);
}

test('trailers of a request pass from HTTP/2 to HTTP/2', async () => {
  const upstream = await clearHttp2Upstream((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify(request.trailers)));
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/', ':method': 'POST' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }));
  stream.end('hi');
  expect((await answerTo(stream)).body).toBe('{"x-sum":"42"}');
  expect((await proxy.onlyRecorded()).request.trailers).toEqual([['x-sum', '42']]);
});

test('trailers of a request pass from HTTP/2 to HTTP/1.1', async () => {
  let received = '';
  const upstream = await tcpUpstream((socket) => {
    socket.on('data', (chunk) => {
      received += chunk;
      if (received.includes('PRI *')) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      else if (received.endsWith('\r\n\r\n')) {
        if (received.includes('0\r\n'))
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }
      if (received.includes('PRI *')) received = '';
    });
  });
  const proxy = await recordingProxy();
  const session = http2SessionTo(proxy);
  const asked = { ':authority': upstream.host, ':path': '/', ':method': 'POST', ':scheme': 'http' };
  const stream = session.request(asked, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }));
  stream.end('hi');
  expect((await answerTo(stream)).headers[':status']).toBe(200);
  expect(received).toMatch(/2\r\nhi\r\n0\r\nx-sum: 42\r\n\r\n$/);
});

test('trailers of a request pass from HTTP/1.1 to HTTP/2', async () => {
  const upstream = await secureHttp2Upstream((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify(request.trailers)));
  });
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host);
  const sent = httpRequest({
    createConnection: () => over,
    method: 'POST',
    headers: { Host: upstream.host, Trailer: 'X-Sum', 'Transfer-Encoding': 'chunked' },
  });
  onTestFinished(() => void sent.destroy());
  sent.addTrailers({ 'X-Sum': '42' });
  sent.end('hi');
  const [answer] = await once(sent, 'response');
  let body = '';
  for await (const chunk of answer) body += chunk;
  expect(body).toBe('{"x-sum":"42"}');
  expect((await proxy.onlyRecorded()).request.trailers).toEqual([['X-Sum', '42']]);
});

test('trailers of a request pass from HTTP/1.1 to HTTP/1.1', async () => {
  let received = '';
  const upstream = await tcpUpstream((socket) => {
    socket.on('data', (chunk) => {
      received += chunk;
      if (received.includes('\r\n0\r\n'))
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const proxy = await recordingProxy();
  await sendWithTrailer(proxy, upstream.url);
  expect(received).toMatch(/0\r\nX-Sum: 42\r\n\r\n$/);
});

test('trailers of an answer reach a client of HTTP/1.1', async () => {
  const upstream = await secureHttp2Upstream((_, response) => {
    response.addTrailers({ 'x-sum': '42' });
    response.end('body');
  });
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host);
  const answer = await ask(proxy, upstream.url, { over });
  expect([String(answer.body), answer.rawTrailers]).toEqual(['body', ['x-sum', '42']]);
  expect(answerIn(await proxy.onlyRecorded()).trailers).toEqual([['x-sum', '42']]);
});

test('an answer that is nothing but a head stays one', async () => {
  const upstream = await clearHttp2Upstream((_, response) =>
    response.stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true }),
  );
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  const [headers, flags] = await once(stream, 'response');
  expect(headers['grpc-status']).toBe('5');
  expect(flags & constants.NGHTTP2_FLAG_END_STREAM).toBe(constants.NGHTTP2_FLAG_END_STREAM);
  stream.end();
});

test('interim answers pass, and a body that waits for 100 is sent then', async () => {
  const upstream = await secureHttp2Upstream(() => {});
  upstream.server.on('checkContinue', (request, response) => {
    response.stream.additionalHeaders({ ':status': 103, link: '</a>' });
    response.writeContinue();
    request.pipe(response);
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/', ':method': 'POST', expect: '100-continue' });
  const interims: unknown[] = [];
  stream.on('headers', (headers) => interims.push(headers[':status']));
  await once(stream, 'continue');
  stream.end('body');
  expect((await answerTo(stream)).body).toBe('body');
  expect(interims).toEqual([103, 100]);
  const { informational } = answerIn(await proxy.onlyRecorded());
  expect(informational?.map(({ status }) => status)).toEqual([103, 100]);
});

test('a head that ends a stream behind an interim answer counts', async () => {
  const upstream = await rawHttp2Upstream(({ type, stream }, { send }) => {
    if (type !== frameType.headers) return;
    const hints = Buffer.concat([Buffer.from([0x08, 3]), Buffer.from('103')]);
    send(answerHeaders(stream, hints), answerHeaders(stream, Buffer.from([0x89]), true));
  });
  const proxy = await recordingProxy();
  const { headers } = await askHttp2(await http2Session(proxy, upstream));
  expect(headers[':status']).toBe(204);
});

test('the first of a body is sent on before the rest, and an answer before its request is whole', async () => {
  const upstream = await rawHttp2Upstream((frame, { send }) => {
    if (frame.type === frameType.headers) send(answerHeaders(frame.stream));
    if (frame.type === frameType.data && frame.payload.length > 0)
      send(answerData(frame.stream, `got ${frame.payload}`, frame.payload.includes('3')));
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.setEncoding('utf8');
  await once(stream, 'response');
  for (const part of ['1', '2', '3']) {
    stream.write(part);
    expect((await once(stream, 'data'))[0]).toBe(`got ${part}`);
  }
  stream.end();
  expect((await proxy.onlyRecorded()).outcome.kind).toBe('completed');
});

test('a reader that reads nothing stops the server, and a server that reads nothing stops the client', async () => {
  let sent = 0;
  const chunk = Buffer.alloc(16_384);
  const upstream = await clearHttp2Upstream((request, response) => {
    if (request.url === '/up') return;
    if (request.url === '/') return void response.end();
    const more = () => {
      sent += chunk.length;
      while (response.write(chunk)) sent += chunk.length;
    };
    response.on('drain', more);
    more();
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const down = session.request({ ':path': '/down' });
  down.on('error', () => {});
  down.pause();
  const up = session.request({ ':path': '/up', ':method': 'POST' });
  up.on('error', () => {});
  let taken = 0;
  const push = () => {
    taken += chunk.length;
    while (up.write(chunk)) taken += chunk.length;
  };
  up.on('drain', push);
  push();
  // Both have come to a halt when nothing more has moved while other exchanges were made.
  let before: number[] = [];
  await eventually(async () => {
    const now = [sent, taken];
    const halted = now.join() === before.join();
    before = now;
    for (let i = 0; i < 20; i += 1) await askHttp2(session);
    expect(halted).toBe(true);
  });
  expect(sent).toBeLessThan(4_000_000);
  expect(taken).toBeLessThan(4_000_000);
  down.destroy();
  up.destroy();
});

test('a body of which HTTP/1.1 knows no length goes to a client of HTTP/1.1 in chunks', async () => {
  const upstream = await secureHttp2Upstream((_, response) => {
    response.write('one');
    response.end('two');
  });
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host);
  const answer = await ask(proxy, upstream.url, { over });
  expect([String(answer.body), answer.header('transfer-encoding')]).toEqual(['onetwo', 'chunked']);
});

test('Trailer is announced behind a length where HTTP/2 goes on as HTTP/2', async () => {
  const upstream = await clearHttp2Upstream((_, response) => {
    response.setHeader('trailer', 'x-sum');
    response.setHeader('content-length', '2');
    response.addTrailers({ 'x-sum': '1' });
    response.end('ok');
  });
  const proxy = await recordingProxy();
  const { headers, trailers } = await askHttp2(await http2Session(proxy, upstream));
  expect([headers.trailer, trailers?.['x-sum']]).toEqual(['x-sum', '1']);
});
