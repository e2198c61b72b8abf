import { describe, expect, test } from 'vitest';
import { type Header, headerValue } from '../../src/exchange.ts';
import {
  createRewriter,
  type RequestHeadLines,
  type RewriterOptions,
  type Rewriting,
} from '../../src/rewrite/rewriter.ts';

const page = 'https://client.test';
const fromPage: Header = ['Origin', page];
const fromStranger: Header = ['Origin', 'https://evil.test'];
const marked: Header = ['Postman-Referer', 'http://a.test/'];

/** What becomes of a GET, under the default options with one page allowed, unless told otherwise. */
function rewrite(
  headers: readonly Header[],
  options: Partial<RewriterOptions> = {},
  head: Partial<RequestHeadLines> = {},
): Rewriting | undefined {
  const rewriter = createRewriter({
    prefix: 'Postman-',
    redirects: 'marked',
    allowed: { origins: new Set([page]), any: false },
    accepts: () => true,
    ...options,
  });
  return rewriter({ method: 'GET', url: 'http://api.test/', headers, ...head });
}

/** The header lines of an answer after a request with these. */
function answered(headers: readonly Header[], options: Partial<RewriterOptions> = {}): Header[] {
  const lines: Header[] = [
    ['Location', '/next'],
    ['Set-Cookie', 'a=1'],
  ];
  const rewriting = rewrite(headers, options);
  if (rewriting === undefined) return lines;
  expect(rewriting.kind).toBe('headers');
  return rewriting.kind === 'headers' ? [...rewriting.response(lines)] : [];
}

const preflight = (origin: Header, method = 'GET', wanted = 'postman-referer'): Header[] => [
  origin,
  ['Access-Control-Request-Method', method],
  ['Access-Control-Request-Headers', wanted],
];

test('a request that is neither marked nor from an allowed page passes unchanged', () => {
  expect(rewrite([['X-A', '1'], fromStranger])).toBeUndefined();
});

test('a marked request is rewritten, and the names of its headers are returned', () => {
  expect(rewrite([['X-A', '1'], marked])).toMatchObject({
    kind: 'headers',
    headers: [
      ['X-A', '1'],
      ['Referer', 'http://a.test/'],
    ],
    names: ['Referer'],
  });
});

test('the page is identified by the Origin of its browser, not by the marked one', () => {
  const own: Header = ['Postman-Origin', 'http://a.test'];
  expect(headerValue(answered([fromPage, own]), 'access-control-allow-origin')).toBe(page);
  const forged: Header = ['Postman-Origin', page];
  const seen = answered([fromStranger, forged]);
  expect(headerValue(seen, 'access-control-allow-origin')).toBeUndefined();
});

test('an answer to a marked request shows redirect and cookies; an allowed page may read them', () => {
  expect(answered([marked])).toEqual([
    ['Postman-Location', '/next'],
    ['Set-Cookie', 'a=1'],
    ['Postman-Set-Cookie', 'a=1'],
  ]);
  expect(headerValue(answered([fromPage, marked]), 'access-control-expose-headers')).toBe(
    'Postman-Location, Postman-Set-Cookie, Vary',
  );
});

test('an allowed page may read responses to unmarked requests, and their redirects are followed', () => {
  const seen = answered([fromPage]);
  expect(headerValue(seen, 'access-control-allow-origin')).toBe(page);
  expect(headerValue(seen, 'location')).toBe('/next');
});

test('redirects all hides those of unmarked requests too, none hides none', () => {
  expect(answered([], { redirects: 'all' })).toEqual([
    ['Postman-Location', '/next'],
    ['Set-Cookie', 'a=1'],
  ]);
  const seen = answered([marked], { redirects: 'none' });
  expect(headerValue(seen, 'location')).toBe('/next');
  expect(headerValue(seen, 'postman-location')).toBeUndefined();
  expect(headerValue(seen, 'postman-set-cookie')).toBe('a=1');
});

test('the prefix of requests is the prefix of answers', () => {
  const seen = answered([['X-FWD-Via', 'x']], { prefix: 'X-Fwd-' });
  expect(headerValue(seen, 'x-fwd-location')).toBe('/next');
});

describe('a preflight', () => {
  const head = { method: 'OPTIONS' };

  test('of an allowed page for a marked request is answered', () => {
    expect(rewrite(preflight(fromPage), {}, head)).toMatchObject({ kind: 'answer', status: 204 });
  });

  test('of any other page passes unchanged', () => {
    expect(rewrite(preflight(fromStranger), {}, head)).toBeUndefined();
  });

  test('for an unmarked request is passed to the server', () => {
    expect(rewrite(preflight(fromPage, 'GET', 'x-a'), {}, head)?.kind).toBe('headers');
  });

  test('is limited by the method that it asks about', () => {
    const accepts = (method: string) => method === 'PUT';
    expect(rewrite(preflight(fromPage, 'PUT'), { accepts }, head)?.kind).toBe('answer');
    expect(rewrite(preflight(fromPage, 'GET'), { accepts }, head)).toBeUndefined();
  });
});

describe('a request outside the limits', () => {
  test('passes unchanged, including its marks', () => {
    expect(rewrite([fromPage, marked], { accepts: () => false })).toBeUndefined();
  });

  test('is recognised by method and absolute URL', () => {
    const asked: string[][] = [];
    const accepts = (...told: string[]) => asked.push(told) > 0;
    rewrite([marked], { accepts }, { method: 'OPTIONS', url: 'http://b.test/x' });
    expect(asked).toEqual([['OPTIONS', 'http://b.test/x']]);
  });
});

describe('an unusable header', () => {
  const unusable: Header = ['Postman-Transfer-Encoding', 'chunked'];

  test('is refused with a message', () => {
    expect(rewrite([unusable])).toEqual({
      kind: 'refusal',
      message: expect.stringContaining('Postman-Transfer-Encoding cannot be set'),
      headers: [],
    });
  });

  test('is refused with a message that an allowed page may read', () => {
    const refusal = rewrite([fromPage, unusable]);
    expect(headerValue(refusal?.headers ?? [], 'access-control-allow-origin')).toBe(page);
  });
});
