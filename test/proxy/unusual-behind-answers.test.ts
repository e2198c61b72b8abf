import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { secure } from '../helpers/http-client.ts';
import { type RecordingProxy, recordingProxy } from '../helpers/proxy.ts';
import { openTunnel, rawConnection } from '../helpers/raw-client.ts';
import { secureTcpUpstream } from '../helpers/upstream.ts';

/** A server that answers each request with its request line, and a first one when it is told to. */
async function slowServer() {
  const lines: string[] = [];
  let answerFirst = () => {};
  let tellAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve;
  });
  const upstream = await secureTcpUpstream((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const line = chunk.toString('latin1').split(' HTTP')[0] ?? '';
      lines.push(line);
      const answer = () =>
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${line.length + 2}\r\n\r\n<${line}>`);
      if (line !== 'GET /slow') answer();
      else {
        answerFirst = answer;
        tellAsked();
      }
    });
  });
  return { ...upstream, lines, asked, answerFirst: () => answerFirst() };
}

/** TLS in a tunnel of the proxy; each text becomes a record, and all arrive at once, so that TLS gives them out even after a pause. */
async function secureClient(proxy: RecordingProxy, target: string) {
  const tunnel = await openTunnel(proxy.port, target);
  let waiting: Buffer[] | undefined;
  const below = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      if (waiting) waiting.push(chunk);
      else tunnel.write(chunk);
      done();
    },
  });
  tunnel.on('data', (chunk) => below.push(chunk));
  const socket = await secure(proxy, below, 'localhost');
  const client = rawConnection(socket);
  const sendAtOnce = async (texts: readonly string[]) => {
    waiting = [];
    for (const text of texts) await new Promise((sent) => socket.write(text, 'latin1', sent));
    tunnel.write(Buffer.concat(waiting));
    waiting = undefined;
  };
  return { client, sendAtOnce };
}

const head = (line: string) => `${line} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/**
 * Sends these texts behind a request whose answer comes later, and takes that answer.
 *
 * @param inPacket follows the request in its record
 */
async function pipelined(texts: readonly string[], inPacket = '') {
  const upstream = await slowServer();
  const proxy = await recordingProxy();
  const { client, sendAtOnce } = await secureClient(proxy, upstream.host);
  await sendAtOnce([head('GET /slow') + inPacket, ...texts]);
  await upstream.asked;
  upstream.answerFirst();
  await client.until('<GET /slow>');
  return { client, lines: upstream.lines };
}

test.each([
  ['a usual one', [head('FOO /2'), head('GET /3')], ['<FOO /2>', '<GET /3>']],
  ['its own rest', ['FOO /2 HTTP/1.1\r\nHost:', ' localhost\r\n\r\n'], ['<FOO /2>']],
  [
    'another unusual one, which is refused',
    [head('FOO /2'), head('BAR /3')],
    ['<FOO /2>', '400 Bad Request'],
  ],
])(
  'an unusual request that waits for an answer may be followed by %s',
  async (_, texts, answers) => {
    const { client } = await pipelined(texts);
    for (const answer of answers) expect(await client.until(/<.*>|400.*/)).toContain(answer);
  },
);

test('what follows a refused request is its body, even where a packet begins like a request', async () => {
  const withBody = 'FOO / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 80\r\n\r\n';
  const { client, lines } = await pipelined([head('FOO /body')], withBody);
  expect(await client.rest()).toMatch(/^HTTP\/1\.1 400 /);
  expect(lines).toEqual(['GET /slow']);
});
