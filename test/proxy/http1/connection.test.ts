import { describe, expect, test } from 'vitest';
import { ask, askHead, openSecureTunnel } from '../../helpers/http-client.ts';
import { answerIn, bodyOf, recordingProxy } from '../../helpers/proxy.ts';
import { connectRaw } from '../../helpers/raw-client.ts';
import { httpUpstream, secureTcpUpstream, tcpUpstream } from '../../helpers/upstream.ts';

describe('an answer that ends with its connection', () => {
  const sizes = [0, 1, 65_535, 65_536, 1_000_000];

  test.each(sizes)('arrives whole over TLS: %i bytes', async (size) => {
    const upstream = await secureTcpUpstream((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.end(Buffer.alloc(size, 'x'));
      });
    });
    const proxy = await recordingProxy();
    for (let i = 0; i < 3; i += 1) {
      const over = await openSecureTunnel(proxy, upstream.host);
      const { body } = await ask(proxy, `${upstream.url}/`, { over });
      expect(body.length).toBe(size);
    }
    const outcomes = (await proxy.recorded(3)).map(({ outcome }) => outcome.kind);
    expect(outcomes).toEqual(['completed', 'completed', 'completed']);
  });

  test.each(['over TLS', 'in clear text'])(
    'arrives completely at a late reader, %s',
    async (how) => {
      const answer = (socket: NodeJS.WritableStream & NodeJS.EventEmitter) =>
        void socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.end(Buffer.alloc(3_000_000, 'x'));
        });
      const upstream =
        how === 'over TLS' ? await secureTcpUpstream(answer) : await tcpUpstream(answer);
      const proxy = await recordingProxy();
      const response = await askHead(proxy, `${upstream.url}/`);
      response.pause();
      // By now the upstream has sent all that the buffers on the way can take.
      await new Promise((resolve) => setTimeout(resolve, 300));
      let size = 0;
      for await (const chunk of response) size += chunk.length;
      expect(size).toBe(3_000_000);
    },
  );

  test('that is reset instead arrives as a broken transfer', async () => {
    let reset = () => {};
    const upstream = await tcpUpstream((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nhalf of it'));
      reset = () => void socket.resetAndDestroy();
    });
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send(`GET ${upstream.url}/ HTTP/1.1\r\nHost: h\r\n\r\n`);
    await client.until('half of it');
    reset();
    expect(await client.rest()).not.toContain('0\r\n\r\n');
    expect((await proxy.onlyRecorded()).outcome).toMatchObject({
      kind: 'failed',
      reason: { kind: 'reset' },
    });
  });
});

test('the head of a request goes out before its body has begun, and the answer comes back', async () => {
  const upstream = await httpUpstream((request, response) => {
    response.flushHeaders();
    request.pipe(response);
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(
    `POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
  );
  await client.until('\r\n\r\n');
  client.send('2\r\nhi\r\n');
  await client.until('hi');
  client.send('0\r\n\r\n');
  await client.rest();
  expect(await bodyOf((await proxy.onlyRecorded()).request)).toBe('hi');
});

test('an upstream that has responded early still gets the rest of the request', async () => {
  let received = '';
  const upstream = await tcpUpstream((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      socket.on('data', (chunk) => {
        received += chunk;
        if (received === 'hello') socket.write('HTTP/1.1 204 Seen\r\n\r\n');
      });
    });
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n`);
  await client.until('ok');
  client.send('hel');
  client.send('lo');
  await expect.poll(() => received).toBe('hello');
});

const framings = [
  ['POST', ''],
  ['GET', 'Content-Length: 0\r\n'],
  ['DELETE', 'CONTENT-length: 0\r\n'],
  ['PUT', 'content-Length: 2\r\n'],
] as const;
test.each(framings)(
  'a %s with the length %j is sent with exactly that length',
  async (method, line) => {
    let head = '';
    const upstream = await tcpUpstream((socket) => {
      socket.on('data', (chunk) => {
        head += chunk;
        if (line.includes('2') ? head.endsWith('hi') : head.endsWith('\r\n\r\n'))
          socket.write('HTTP/1.1 204 Fine\r\n\r\n');
      });
    });
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    const rest = `X-A: b\r\n${line}Host: ${upstream.host}\r\nX-C: d\r\n\r\n${line.includes('2') ? 'hi' : ''}`;
    client.send(`${method} ${upstream.url}/ HTTP/1.1\r\n${rest}`);
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 204 Fine\r\n/);
    expect(head).toBe(`${method} / HTTP/1.1\r\n${rest}`);
  },
);

test('early hints for a pipelined request arrive with its response', async () => {
  let answerFirst = () => {};
  const upstream = await tcpUpstream((socket) => {
    socket.once('data', (chunk) => {
      if (String(chunk).startsWith('GET /2'))
        socket.write(
          'HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 Two\r\nContent-Length: 1\r\n\r\n2',
        );
      else answerFirst = () => void socket.write('HTTP/1.1 200 One\r\nContent-Length: 1\r\n\r\n1');
    });
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  for (const path of ['/1', '/2'])
    client.send(`GET ${upstream.url}${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
  await expect.poll(() => proxy.inFlight).toBe(2);
  await expect.poll(() => String(answerFirst)).toContain('200 One');
  answerFirst();
  const answers = await client.until('\r\n\r\n2');
  expect(answers.match(/HTTP\/1\.1 \d+ \w+/g)).toEqual([
    'HTTP/1.1 200 One',
    'HTTP/1.1 103 Hints',
    'HTTP/1.1 200 Two',
  ]);
});

test('a pipelined request whose response breaks off ends the connection after the earlier responses', async () => {
  let secondIsClosed = () => {};
  const second = new Promise<void>((resolve) => {
    secondIsClosed = resolve;
  });
  const upstream = await tcpUpstream((socket) => {
    socket.once('data', (chunk) => {
      if (String(chunk).startsWith('GET /1'))
        void second.then(() => socket.write('HTTP/1.1 204 One\r\n\r\n'));
      else {
        socket.once('close', secondIsClosed);
        socket.end('HTTP/1.1 200 Two\r\nContent-Length: 9\r\n\r\n2');
      }
    });
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  const requests = ['/1', '/2'].map(
    (path) => `GET ${upstream.url}${path} HTTP/1.1\r\nHost: h\r\n\r\n`,
  );
  client.send(requests.join(''));
  expect(await client.rest()).toMatch(/^HTTP\/1\.1 204 One\r\n/);
});

test('trailing bytes of a response are not read as the next response', async () => {
  const upstream = await tcpUpstream((socket) => {
    socket.on('data', () =>
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 Forged\r\nContent-Length: 0\r\n\r\n',
      ),
    );
  });
  const proxy = await recordingProxy();
  for (let i = 0; i < 3; i += 1) {
    const answer = await ask(proxy, upstream.url);
    expect([answer.statusText, answer.body.toString()]).toEqual(['OK', 'ok']);
  }
});

test('a Transfer-Encoding with a coding before chunked is passed on in both directions', async () => {
  let head = '';
  const upstream = await tcpUpstream((socket) => {
    socket.once('data', (chunk) => {
      head = String(chunk);
      socket.write(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
      );
    });
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(
    `POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
  );
  expect(await client.until('0\r\n\r\n')).toContain('Transfer-Encoding: gzip, chunked');
  expect(head).toContain('Transfer-Encoding: gzip, chunked');
  expect(answerIn(await proxy.onlyRecorded()).status).toBe(200);
});
