import { describe, expect, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { isRestrictedHeader } from '../../src/http/restricted-headers.ts';
import { rewriteRequest, rewriteResponse } from '../../src/rewrite/marked-headers.ts';
import { fc } from '../helpers/properties.ts';

const host: Header = ['Host', 'api.test'];

/** The headers that browsers keep to themselves (Fetch, forbidden request-header), as the ancestor listed them. */
const restricted = [
  ['Accept-Charset', 'utf-8', 'set'],
  ['Accept-Encoding', 'br', 'set'],
  ['Access-Control-Request-Headers', 'x-a', 'set'],
  ['Access-Control-Request-Method', 'PUT', 'set'],
  ['Connection', 'close', 'refused'],
  ['Content-Length', '5', 'left alone'],
  ['Cookie', 'a=1', 'set'],
  ['Cookie2', '$Version=1', 'set'],
  ['Content-Transfer-Encoding', 'base64', 'set'],
  ['Date', 'Tue, 15 Nov 1994 08:12:31 GMT', 'set'],
  ['Expect', '100-continue', 'refused'],
  ['Host', 'other.test:8080', 'set'],
  ['Keep-Alive', 'timeout=5', 'refused'],
  ['Origin', 'http://a.test', 'set'],
  ['Referer', 'http://a.test/page', 'set'],
  ['TE', 'trailers', 'refused'],
  ['Trailer', 'X-Sum', 'refused'],
  ['Transfer-Encoding', 'chunked', 'refused'],
  ['Upgrade', 'h2c', 'refused'],
  ['User-Agent', 'x', 'set'],
  ['Via', '1.1 somewhere', 'set'],
] as const;

describe('of the 21 restricted headers,', () => {
  test('each has a row', () => {
    expect(new Set(restricted.map(([name]) => name)).size).toBe(21);
    expect(restricted.every(([name]) => isRestrictedHeader(name))).toBe(true);
  });

  test.each(restricted)('%s: %s is %s', (name, value, fate) => {
    const browsers: Header[] = [
      ['X-A', '1'],
      [name, 'of the browser'],
      [name.toLowerCase(), 'of the browser, again'],
    ];
    const marked: Header = [`Postman-${name}`, value];
    const sent: Header[] = [...browsers, marked, ['X-B', '2']];
    if (fate === 'refused') {
      expect(() => rewriteRequest(sent)).toThrow(
        `Postman-${name} cannot be set: ${name} is about this one connection or message.`,
      );
    } else if (fate === 'left alone') {
      expect(rewriteRequest(sent)).toBeUndefined();
    } else {
      expect(rewriteRequest(sent)).toEqual({
        headers: [
          ['X-A', '1'],
          [name, value],
          ['X-B', '2'],
        ],
        rewritten: [name],
      });
    }
  });

  test('Content-Length is unchanged even with marked headers', () => {
    const marked: Header[] = [
      ['Postman-Content-Length', '5'],
      ['Postman-Via', 'x'],
      ['Content-Length', '7'],
    ];
    expect(rewriteRequest(marked)?.headers).toEqual([
      ['Postman-Content-Length', '5'],
      ['Via', 'x'],
      ['Content-Length', '7'],
    ]);
    expect(() => rewriteRequest([['X-Fwd-Content-Length', '5']], 'X-Fwd-')).toThrow(
      'X-Fwd-Content-Length cannot be set',
    );
  });
});

describe('of the other names,', () => {
  test.each([
    'HTTP2-Settings',
    'Proxy-Authenticate',
    'Proxy-Authentication-Info',
    'Proxy-Authorization',
    'Proxy-Connection',
    'transfer-ENCODING',
  ])('%s ends at the next hop and is refused', (name) => {
    expect(() => rewriteRequest([[`Postman-${name}`, 'x']])).toThrow('cannot be set');
  });

  test.each([
    'Sec-Fetch-Site',
    'Sec-CH-UA',
    'DNT',
    'Accept',
    'Authorization',
    '__proto__',
    'constructor',
  ])('%s is set', (name) => {
    expect(rewriteRequest([[`postman-${name}`, 'x']])).toEqual({
      headers: [[name, 'x']],
      rewritten: [name],
    });
  });

  test.each(['a\x01b', 'a\0b', 'a\r\nX: y', 'a\x7f', '\u0141'])(
    'none can have the value %j',
    (value) => {
      expect(() => rewriteRequest([['Postman-Origin', value]])).toThrow(
        'Postman-Origin has a character in its value that no header may have.',
      );
    },
  );

  test('each can have tabs, Latin-1 and no value at all', () => {
    const values = ['a\tb', 'caf\xe9', ''];
    const sent = values.map((value): Header => ['Postman-Via', value]);
    expect(rewriteRequest(sent)?.headers.map(([, value]) => value)).toEqual(values);
  });
});

describe('a request', () => {
  test('without marked headers is unchanged', () => {
    expect(rewriteRequest([host, ['Origin', 'http://page.test']])).toBeUndefined();
    expect(rewriteRequest([host, ['Postman-Token', 'abc']])).toBeUndefined();
  });

  test('keeps unmarked headers: order, case, duplicates, also Postman-Token', () => {
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

  test('loses every line of the browser under a marked name', () => {
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
    const empty: Header[] = [
      ['Postman-Cookie', ''],
      ['Postman-Cookie', 'a=1'],
    ];
    expect(rewriteRequest(empty)?.headers).toEqual([['Cookie', 'a=1']]);
  });

  test.each(['example.com', 'example.com:8080', '127.0.0.1', '[::1]:8080', 'a_b.test'])(
    'may set the Host %s',
    (value) => {
      expect(rewriteRequest([host, ['Postman-Host', value]])?.headers).toEqual([['Host', value]]);
    },
  );

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

  test.each(['', 'a b', 'a/b', 'http://a.test', 'a.test:x'])('cannot set the Host %j', (value) => {
    expect(() => rewriteRequest([['Postman-Host', value]])).toThrow('must be one host');
  });

  test('cannot set two Hosts', () => {
    expect(() =>
      rewriteRequest([
        ['Postman-Host', 'a.test'],
        ['Postman-Host', 'b.test'],
      ]),
    ).toThrow('must be one host');
  });

  test.each(['Postman-', 'Postman-a b', 'Postman-a:b', 'Postman-(x)'])(
    'cannot mark an invalid name: %s',
    (name) => {
      expect(() => rewriteRequest([[name, 'x']])).toThrow(`${name} has no header name`);
    },
  );

  test('names each set header once, as it was first spelled', () => {
    const sent: Header[] = [
      ['postman-VIA', 'a'],
      ['Postman-Via', 'b'],
      ['Postman-Origin', 'http://a.test'],
    ];
    expect(rewriteRequest(sent)).toEqual({
      headers: [
        ['VIA', 'a'],
        ['VIA', 'b'],
        ['Origin', 'http://a.test'],
      ],
      rewritten: ['VIA', 'Origin'],
    });
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

  test('to any other request is unchanged', () => {
    expect(rewriteResponse(lines, false)).toBe(lines);
  });

  test('hides every redirect or none when configured', () => {
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

  test('keeps its unmarked lines in order, except replaced ones', () => {
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
