import { describe, expect, test } from 'vitest';
import { type Header, headerValue } from '../../src/exchange.ts';
import { allowedOrigin, preflightAnswer, readableAnswer } from '../../src/rewrite/cors.ts';
import { fc } from '../helpers/properties.ts';

const page = 'https://client.test';
const allowed = { origins: new Set([page]), any: false };

describe('an allowed origin', () => {
  test('matches a given origin exactly', () => {
    expect(allowedOrigin([['Origin', page]], allowed)).toBe(page);
    expect(allowedOrigin([['Origin', 'https://client.test.evil.test']], allowed)).toBeUndefined();
    expect(allowedOrigin([['Origin', 'http://client.test']], allowed)).toBeUndefined();
    expect(allowedOrigin([], allowed)).toBeUndefined();
  });

  test('is any origin when all are allowed', () => {
    expect(allowedOrigin([['Origin', 'null']], { origins: new Set(), any: true })).toBe('null');
  });
});

describe('a preflight', () => {
  const asked: Header[] = [
    ['Origin', page],
    ['Access-Control-Request-Method', 'PUT'],
    ['Access-Control-Request-Headers', 'content-type,postman-origin'],
  ];

  test('for a marked request is answered with everything that it asks for', () => {
    const answer = preflightAnswer('OPTIONS', asked, page, 'postman-') ?? [];
    expect(headerValue(answer, 'access-control-allow-origin')).toBe(page);
    expect(headerValue(answer, 'access-control-allow-methods')).toBe('PUT');
    expect(headerValue(answer, 'access-control-allow-headers')).toBe('content-type,postman-origin');
    expect(headerValue(answer, 'access-control-allow-credentials')).toBe('true');
    expect(headerValue(answer, 'access-control-allow-private-network')).toBeUndefined();
  });

  test('from a public page to a private network is allowed, too', () => {
    const further: Header[] = [...asked, ['Access-Control-Request-Private-Network', 'true']];
    const answer = preflightAnswer('OPTIONS', further, page, 'postman-') ?? [];
    expect(headerValue(answer, 'access-control-allow-private-network')).toBe('true');
  });

  test('for an unmarked request is passed to the server', () => {
    const plain = asked.map(
      ([n, v]): Header => [n, v.replace(',postman-origin', ',postman-token')],
    );
    expect(preflightAnswer('OPTIONS', plain, page, 'postman-')).toBeUndefined();
    expect(preflightAnswer('GET', asked, page, 'postman-')).toBeUndefined();
    expect(preflightAnswer('OPTIONS', asked.slice(0, 1), page, 'postman-')).toBeUndefined();
  });
});

describe('a readable answer', () => {
  test('names the page and every header instead of the values of the server', () => {
    const lines: Header[] = [
      ['Access-Control-Allow-Origin', '*'],
      ['X-A', '1'],
      ['x-a', '2'],
      ['Postman-Set-Cookie', 'a=1'],
      ['Set-Cookie', 'a=1'],
      ['Access-Control-Expose-Headers', 'Nothing'],
    ];
    expect(readableAnswer(lines, page)).toEqual([
      ['X-A', '1'],
      ['x-a', '2'],
      ['Postman-Set-Cookie', 'a=1'],
      ['Set-Cookie', 'a=1'],
      ['Vary', 'Origin'],
      ['Access-Control-Allow-Origin', page],
      ['Access-Control-Allow-Credentials', 'true'],
      ['Access-Control-Expose-Headers', 'x-a, Postman-Set-Cookie, Vary'],
    ]);
  });

  test.each(['Origin', 'accept, ORIGIN', '*'])('has one Vary entry for the origin: %j', (vary) => {
    const varying = readableAnswer([['Vary', vary]], page).filter(([name]) => name === 'Vary');
    expect(varying).toEqual([['Vary', vary]]);
  });
});

test('any response names only the page, exposes each header by name and keeps other headers in order', () => {
  const names = ['X-A', 'x-a', 'Vary', 'Set-Cookie', 'Access-Control-Allow-Origin', 'location'];
  const ours = /^(access-control-(allow-(origin|credentials)|expose-headers)|vary)$/i;
  const lines = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom('*', 'origin', 'x')));
  fc.assert(
    fc.property(lines, (headers) => {
      const seen = readableAnswer(headers, page);
      const count = (name: string) => seen.filter(([n]) => n.toLowerCase() === name).length;
      expect(seen.filter(([name]) => !ours.test(name))).toEqual(
        headers.filter(([name]) => !ours.test(name)),
      );
      expect(count('access-control-allow-origin')).toBe(1);
      expect(headerValue(seen, 'access-control-allow-origin')).toBe(page);
      const exposed = headerValue(seen, 'access-control-expose-headers')?.toLowerCase().split(', ');
      const readable = seen
        .map(([name]) => name.toLowerCase())
        .filter((name) => !name.startsWith('access-control-') && name !== 'set-cookie');
      expect(new Set(exposed)).toEqual(new Set(readable));
      expect(readableAnswer(seen, page)).toEqual(seen);
    }),
  );
});
