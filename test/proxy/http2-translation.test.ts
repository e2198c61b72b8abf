import { once } from 'node:events';
import { connect } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { frame, headers, preface } from '../helpers/http2-frames.ts';
import { answerIn, recordingProxy } from '../helpers/proxy.ts';
import { connectRaw } from '../helpers/raw-client.ts';
import { cannedUpstream, tcpUpstream } from '../helpers/upstream.ts';

/** Asks a canned upstream through the proxy, over HTTP/2 in clear text. */
async function answered(answer: string) {
  const upstream = await cannedUpstream(answer);
  const proxy = await recordingProxy();
  const session = connect(`http://127.0.0.1:${proxy.port}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':authority': upstream.host, ':path': '/' });
  let trailers: unknown;
  stream.on('trailers', (lines) => {
    trailers = lines;
  });
  const [[head], body] = await Promise.all([once(stream, 'response'), buffer(stream)]);
  return { head, body: body.toString(), trailers, proxy };
}

test.each(['Authorization', 'From', 'User-Agent', 'Referer', 'DNT', 'Range', 'Server', 'Tk'])(
  'of two lines %s that may occur only once, the first is passed',
  async (name) => {
    const lines = `${name}: one\r\n${name}: two\r\nX: a\r\nX: b\r\n`;
    const { head, body } = await answered(`HTTP/1.1 200 OK\r\n${lines}Content-Length: 2\r\n\r\nok`);
    expect([head[name.toLowerCase()], head['x'], body]).toEqual(['one', 'a, b', 'ok']);
  },
);

test('of duplicate lines in interim responses and trailers, the first is passed, too', async () => {
  const twice = 'From: one\r\nFrom: two\r\n';
  const { body, trailers } = await answered(
    `HTTP/1.1 103 Hints\r\n${twice}\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${twice}\r\n`,
  );
  expect(body).toBe('ok');
  expect(trailers).toMatchObject({ from: 'one' });
});

test.each([
  ['200 OK', 'Transfer-Encoding: gzip, chunked', '2\r\nok\r\n0\r\n\r\n'],
  ['200 OK', 'Content-Length: 2, 2', 'ok'],
  ['204 No Content', 'Content-Length: 5', ''],
])('a response %s with %j reaches an HTTP/2 client', async (status, line, body) => {
  const { head, proxy } = await answered(`HTTP/1.1 ${status}\r\n${line}\r\n\r\n${body}`);
  expect(head[':status']).toBe(Number(status.slice(0, 3)));
  expect(answerIn(await proxy.onlyRecorded()).status).toBe(head[':status']);
});

test.each([0, 8])(
  'a body that a client resets with code %i does not look complete upstream',
  async (code) => {
    let received = '';
    const upstream = await tcpUpstream((socket) => {
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        // It does not speak HTTP/2.
        if (received.startsWith('PRI ')) socket.end();
      });
      socket.on('close', () => {
        if (received.startsWith('PRI ')) received = '';
      });
    });
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    const body = frame(0, 0, 1, Buffer.from('first half'));
    client.send(Buffer.concat([preface, headers(1, 'POST', `${upstream.url}/`), body]));
    await expect.poll(() => received).toContain('first half');
    client.send(frame(3, 0, 1, Buffer.from([0, 0, 0, code])));
    expect((await proxy.onlyRecorded()).outcome.kind).toBe('aborted');
    await expect.poll(() => upstream.sockets.size).toBe(0);
    expect(received).not.toContain('0\r\n\r\n');
  },
);
