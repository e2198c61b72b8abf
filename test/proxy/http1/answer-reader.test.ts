import { describe, expect, test } from 'vitest';
import { AnswerReader, type Question } from '../../../src/proxy/http1/answer-reader.ts';
import { ProtocolError } from '../../../src/proxy/http1/head-lines.ts';
import { fc } from '../../helpers/properties.ts';

type Read = { log: string[]; body: string; ended: boolean; idleMs: number; rest: string };

/** Reads pieces, given as Latin-1 text, and then the end of the connection where that is asked for. */
function read(
  pieces: readonly string[],
  question: Partial<Question> = {},
  connectionEnds = false,
): Read {
  const log: string[] = [];
  let body = '';
  let rest = '';
  const reader = new AnswerReader(
    { method: 'GET', upgrade: false, ...question },
    {
      onInterim: ({ status, statusText, headers }) =>
        log.push(`interim ${status} ${statusText} ${JSON.stringify(headers)}`),
      onHead: ({ httpVersion, status, statusText, headers }) =>
        log.push(`head ${httpVersion} ${status} ${statusText} ${JSON.stringify(headers)}`),
      onData: (chunk) => {
        body += chunk.toString('latin1');
      },
      onEnd: (trailers) => log.push(`end ${JSON.stringify(trailers)}`),
      onSwitch: ({ status }, after) => log.push(`switch ${status} ${after.toString('latin1')}`),
    },
  );
  for (const piece of pieces) rest += reader.read(Buffer.from(piece, 'latin1')).toString('latin1');
  if (connectionEnds) reader.finish();
  return { log, body, ended: reader.isDone, idleMs: reader.idleMs, rest };
}

const answers: Record<string, string> = {
  'a length': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  chunks:
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;ext="a"\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n',
  'interim answers':
    'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 \r\n\r\nHTTP/1.1 204 Nothing\r\n\r\n',
  'bare LF': 'HTTP/1.1 200 OK\nA: b\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n',
  'a switch': 'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\nbytes',
};

describe('a response is read the same however it is cut into pieces', () => {
  test.each(Object.entries(answers))('with %s', (_, bytes) => {
    const question = { upgrade: true };
    const whole = read([bytes], question);
    expect(whole.ended).toBe(true);
    expect(read(bytes.split(''), question)).toMatchObject(
      bytes.includes(' 101 ') ? { log: ['switch 101 '], ended: true } : whole,
    );
    if (bytes.includes(' 101 ')) return;
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, i) => bytes.slice(places[i], end));
        expect(read(pieces, question)).toEqual(whole);
      }),
    );
  });
});

test('any bytes are either read or refused with a known error', () => {
  const start = fc.constantFrom(...Object.values(answers), 'HTTP/1.1 ');
  const noise = fc.uint8Array({ maxLength: 40 }).map((b) => Buffer.from(b).toString('latin1'));
  fc.assert(
    fc.property(start, fc.nat(120), noise, (bytes, at, garbage) => {
      try {
        read([bytes.slice(0, at) + garbage, bytes.slice(at)], {}, true);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
  );
});

test('a reason phrase is kept unchanged, also in Latin-1 and in pieces', () => {
  expect(read(['HTTP/1.1 20', '0 Caf', '\xe9  au lait\r', '\n\r\n'], {}, true).log).toEqual([
    'head 1.1 200 Caf\xe9  au lait []',
    'end []',
  ]);
});

describe('an answer ends', () => {
  test.each([
    ['with its head, to HEAD', 'Content-Length: 5\r\n', { method: 'HEAD' }, 200],
    ['with its head, as a 204', '', {}, 204],
    ['with its head, as a 304 that tells a length', 'Content-Length: 77\r\n', {}, 304],
    ['with its head, by a length of 0', 'Content-Length: 0\r\n', {}, 200],
    ['by a length that is told twice', 'Content-Length: 0\r\nContent-Length: 0\r\n', {}, 200],
    [
      'by its length, where the coding is none',
      'Transfer-Encoding: identity\r\nContent-Length: 0\r\n',
      {},
      200,
    ],
  ] as const)('%s', (_, lines, question, status) => {
    const seen = read([`HTTP/1.1 ${status} OK\r\n${lines}\r\n`], question);
    expect(seen).toMatchObject({ ended: true, body: '' });
    expect(seen.idleMs).toBeGreaterThan(0);
  });

  test('with its connection when it has no length, and the connection is not reused', () => {
    const head = 'HTTP/1.1 200 OK\r\n\r\n';
    expect(read([head, 'all ', 'of it'])).toMatchObject({ ended: false, body: 'all of it' });
    expect(read([head, 'x'], {}, true)).toMatchObject({ ended: true, idleMs: 0 });
  });

  test('before the bytes that follow it', () => {
    expect(read(['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1']).rest).toBe('HTTP/1.1');
  });
});

test.each([
  ['HTTP/1.1', '', 4000],
  ['HTTP/1.1', 'Connection: close\r\n', 0],
  ['HTTP/1.0', '', 0],
  ['HTTP/1.0', 'Connection: Keep-Alive\r\n', 4000],
  ['HTTP/1.1', 'Keep-Alive: timeout=10, max=5\r\n', 9000],
  ['HTTP/1.1', 'keep-alive: max=5, timeout=100000\r\n', 600_000],
])('after a response of %s with %j its connection is kept for %i ms', (version, line, idleMs) => {
  const seen = read([`${version} 200 OK\r\n${line}Content-Length: 0\r\n\r\n`]);
  expect(seen.idleMs).toBe(idleMs);
});

test('a folded line is joined, and blanks before a colon are removed', () => {
  const seen = read(['HTTP/1.1 204 OK\r\nA : b\r\n\tc\r\n  d \r\nE:\xa0f\xa0\r\n\r\n']);
  expect(seen.log[0]).toBe('head 1.1 204 OK [["A","b c d"],["E","\xa0f\xa0"]]');
});

test.each([
  'SSH-2.0-OpenSSH\r\n',
  'HTTP/2 200 OK\r\n\r\n',
  'HTTP/1.1 abc OK\r\n\r\n',
  'HTTP/1.1 0200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
  'HTTP/1.1 200 OK\r\n: no name\r\n\r\n',
  'HTTP/1.1 200 OK\r\n folded first: x\r\n\r\n',
  'HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n',
  'HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n',
  'HTTP/1.1 101 Switching\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n',
  `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(300_000)}`,
])('%j is refused', (bytes) => {
  expect(() => read([bytes])).toThrow(ProtocolError);
  expect(() => read(bytes.split(''))).toThrow(ProtocolError);
});
