import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { rewriteRequest, rewriteResponse } from '../../src/rewrite/restricted-headers.ts';

const host: Header = ['Host', 'api.test'];

describe('each of the 21 restricted headers', () => {
  const settable = [
    ['Accept-Charset', 'utf-8'],
    ['Accept-Encoding', 'br'],
    ['Access-Control-Request-Headers', 'x-a'],
    ['Access-Control-Request-Method', 'PUT'],
    ['Cookie', 'a=1'],
    ['Cookie2', '$Version=1'],
    ['Content-Transfer-Encoding', 'base64'],
    ['Date', 'Tue, 15 Nov 1994 08:12:31 GMT'],
    ['Host', 'other.test:8080'],
    ['Origin', 'http://a.test'],
    ['Referer', 'http://a.test/page'],
    ['User-Agent', 'x'],
    ['Via', '1.1 somewhere'],
  ] as const;
  test.each(settable)('%s is set behind the prefix, once', (name, value) => {
    const sent: Header[] = [
      host,
      [name, 'of the browser'],
      [`Postman-${name}`, value],
      ['X-B', '2'],
    ];
    const { headers, rewritten } = rewriteRequest(sent) ?? { headers: [], rewritten: [] };
    const others = name === 'Host' ? [] : [host];
    expect(headers).toEqual([...others, [name, value], ['X-B', '2']]);
    expect(rewritten).toEqual([name]);
  });

  test.each([
    'Connection',
    'Expect',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
  ])('%s would break the message and is refused', (name) => {
    expect(() => rewriteRequest([host, [`Postman-${name}`, 'x']])).toThrow(
      `Postman-${name} cannot be set`,
    );
  });

  test('Content-Length stays as it was written, and marks nothing', () => {
    expect(rewriteRequest([host, ['Postman-Content-Length', '5']])).toBeUndefined();
  });
});

describe('a request', () => {
  test('without marked headers stays as it is', () => {
    expect(rewriteRequest([host, ['Origin', 'http://page.test']])).toBeUndefined();
    expect(rewriteRequest([host, ['Postman-Token', 'abc']])).toBeUndefined();
  });

  test('keeps what is not marked: order, case, duplicates, also Postman-Token', () => {
    const sent: Header[] = [
      ['x-UPPER', '1'],
      host,
      ['Postman-Token', 't'],
      ['Postman-Origin', 'http://a.test'],
      ['X-Twice', 'a'],
      ['x-twice', 'b'],
    ];
    expect(rewriteRequest(sent)?.headers).toEqual([
      ['x-UPPER', '1'],
      host,
      ['Postman-Token', 't'],
      ['Origin', 'http://a.test'],
      ['X-Twice', 'a'],
      ['x-twice', 'b'],
    ]);
  });

  test("loses every line of the browser's own under a marked name", () => {
    const sent: Header[] = [
      ['cookie', 'a=1'],
      ['Cookie', 'b=2'],
      ['postman-cookie', 'c=3'],
    ];
    expect(rewriteRequest(sent)?.headers).toEqual([['cookie', 'c=3']]);
  });

  test('has its Cookie lines joined into one', () => {
    const sent: Header[] = [['Postman-Cookie', 'a=1'], host, ['Postman-Cookie', 'b=2; c=3']];
    expect(rewriteRequest(sent)?.headers).toEqual([['Cookie', 'a=1; b=2; c=3'], host]);
  });

  test('may carry other marked names several times', () => {
    const sent: Header[] = [
      ['Postman-Via', '1.1 a'],
      ['Postman-Via', '1.1 b'],
    ];
    expect(rewriteRequest(sent)?.headers).toEqual([
      ['Via', '1.1 a'],
      ['Via', '1.1 b'],
    ]);
  });

  test.each(['', 'a b', 'a/b', 'http://a.test', 'a.test:x'])(
    'cannot ask for the Host %j',
    (value) => {
      expect(() => rewriteRequest([['Postman-Host', value]])).toThrow('must be one host');
    },
  );

  test('cannot ask for two Hosts', () => {
    expect(() =>
      rewriteRequest([
        ['Postman-Host', 'a.test'],
        ['Postman-Host', 'b.test'],
      ]),
    ).toThrow('must be one host');
  });

  test('cannot mark nothing', () => {
    expect(() => rewriteRequest([['Postman-', 'x']])).toThrow('names no header');
  });

  test('may be marked with another prefix, in any case', () => {
    const sent: Header[] = [
      ['x-fwd-origin', 'http://a.test'],
      ['Postman-Origin', 'http://b.test'],
    ];
    expect(rewriteRequest(sent, 'X-Fwd-')).toEqual({
      headers: [
        ['origin', 'http://a.test'],
        ['Postman-Origin', 'http://b.test'],
      ],
      rewritten: ['origin'],
    });
  });
});

describe('an answer', () => {
  const lines: Header[] = [
    ['Location', '/next'],
    ['Set-Cookie', 'a=1'],
    ['X', 'y'],
    ['set-cookie', 'b=2'],
  ];

  test('to a marked request shows its Location and its cookies to the page', () => {
    expect(rewriteResponse(lines, true)).toEqual([
      ['Postman-Location', '/next'],
      ['Set-Cookie', 'a=1'],
      ['Postman-Set-Cookie', 'a=1'],
      ['X', 'y'],
      ['set-cookie', 'b=2'],
      ['Postman-set-cookie', 'b=2'],
    ]);
  });

  test('to any other request stays as it is', () => {
    expect(rewriteResponse(lines, false)).toBe(lines);
  });

  test('hides every redirect, or none, when told to', () => {
    expect(rewriteResponse(lines, false, 'all')[0]).toEqual(['Postman-Location', '/next']);
    expect(rewriteResponse(lines, true, 'none')[0]).toEqual(['Location', '/next']);
  });
});

describe('any list of headers', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,12}$/);
  const value = fc.stringMatching(/^[!-~]{0,12}$/);
  const plain = fc.tuple(name, value).filter(([n]) => !/^postman-/i.test(n));
  const settable = name.filter(
    (n) =>
      !/^(connection|content-length|expect|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|host|token|cookie)$/i.test(
        n,
      ),
  );
  const marked = fc.tuple(settable, value).map(([n, v]): [string, string] => [`Postman-${n}`, v]);

  test('keeps its unmarked lines in order, less those that were replaced', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, marked)), (headers) => {
        const isMark = ([n]: readonly [string, string]) => n.startsWith('Postman-');
        const set = new Set(headers.filter(isMark).map(([n]) => n.slice(8).toLowerCase()));
        const kept = headers.filter((h) => !isMark(h) && !set.has(h[0].toLowerCase()));
        const result = rewriteRequest(headers)?.headers ?? headers;
        expect(result.filter(([n]) => !set.has(n.toLowerCase()))).toEqual(kept);
        // What was marked is all there, in order, under its own name.
        expect(result.filter(([n]) => set.has(n.toLowerCase())).map(([, v]) => v)).toEqual(
          headers.filter(isMark).map(([, v]) => v),
        );
      }),
    );
  });

  test('is not changed by a second rewriting', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, marked)), (headers) => {
        const once = rewriteRequest(headers)?.headers ?? headers;
        fc.pre(!once.some(([n]) => /^postman-/i.test(n)));
        expect(rewriteRequest(once)).toBeUndefined();
      }),
    );
  });
});
