import { describe, expect, test } from 'vitest';
import type { Exchange, Outcome } from '../../src/exchange.ts';
import { hostPattern, urlPattern } from '../../src/options/patterns.ts';
import { readRecordedOptions } from '../../src/options/recorded.ts';
import { type Criteria, compileFilters, exchangeFilter } from '../../src/record/filters.ts';

function filters(criteria: Partial<Criteria>) {
  const all = { url: [], notUrl: [], host: [], methods: [], status: [], type: [], static: true };
  return compileFilters({ ...all, ...criteria });
}

function answer(status: number, contentType?: string) {
  const headers = contentType === undefined ? [] : [['Content-Type', contentType] as const];
  return { status, headers };
}

const patterns = (...texts: string[]) => texts.map((text) => urlPattern.parse(text));
const hosts = (...texts: string[]) => texts.map((text) => hostPattern.parse(text));

test('the options of the command line can be used as criteria', () => {
  const { acceptsRequest, acceptsResponse } = compileFilters(
    readRecordedOptions({ methods: ['get'], status: ['2xx'] }),
  );
  expect([acceptsRequest('GET', 'http://a/'), acceptsRequest('POST', 'http://a/')]).toEqual([
    true,
    false,
  ]);
  expect(acceptsResponse('http://a/', answer(404))).toBe(false);
});

test('without criteria everything is accepted', () => {
  const { acceptsRequest, acceptsResponse } = filters({});
  expect(acceptsRequest('BREW', 'not even a url')).toBe(true);
  expect(acceptsResponse('http://a/x.png', undefined)).toBe(true);
});

describe('a request', () => {
  test('is accepted when any --url matches, unless a --not-url does', () => {
    const { acceptsRequest } = filters({ url: patterns('/a/*', '/b/*'), notUrl: patterns('/b/c') });
    const accepted = ['/a/x', '/b/x', '/b/c', '/d'].map((path) =>
      acceptsRequest('GET', `http://h${path}`),
    );
    expect(accepted).toEqual([true, true, false, false]);
  });

  test('is accepted when any --host matches, on any port', () => {
    const { acceptsRequest } = filters({ host: hosts('a.com', '*.b.com', '[::1]:81') });
    const accept = (url: string) => acceptsRequest('GET', url);
    expect(['http://A.com:81/', 'https://x.b.com/', 'http://[::1]:81/'].map(accept)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['http://b.com/', 'http://[::1]/', 'http://[::1', ''].map(accept)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test('is accepted by the default port of its URL', () => {
    const { acceptsRequest } = filters({ host: hosts('a.com:443') });
    expect(acceptsRequest('GET', 'https://a.com/')).toBe(true);
    expect(acceptsRequest('GET', 'http://a.com/')).toBe(false);
  });

  test('is accepted by its method, in any case', () => {
    const { acceptsRequest } = filters({ methods: ['GET', 'PATCH'] });
    expect(['GET', 'patch', 'POST'].map((method) => acceptsRequest(method, 'http://a/'))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('must meet every criterion', () => {
    const { acceptsRequest } = filters({ methods: ['GET'], host: hosts('a'), url: patterns('/x') });
    expect(acceptsRequest('GET', 'http://a/x')).toBe(true);
    expect(acceptsRequest('POST', 'http://a/x')).toBe(false);
    expect(acceptsRequest('GET', 'http://b/x')).toBe(false);
    expect(acceptsRequest('GET', 'http://a/y')).toBe(false);
  });
});

describe('an answer', () => {
  test('is accepted when any --status matches', () => {
    const { acceptsResponse } = filters({
      status: [
        { from: 200, to: 299 },
        { from: 404, to: 404 },
      ],
    });
    const accepted = [199, 200, 299, 300, 404, 405].map((status) =>
      acceptsResponse('http://a/', answer(status)),
    );
    expect(accepted).toEqual([false, true, true, false, true, false]);
  });

  test.each([
    ['json', 'application/json; charset=utf-8'],
    ['json', 'Application/Problem+JSON'],
    ['xml', 'application/atom+xml'],
    ['html', 'text/html'],
    ['form', 'application/x-www-form-urlencoded'],
    ['text', 'text/plain'],
    ['text', 'text/event-stream'],
    ['image', 'image/svg+xml'],
    ['script', 'text/javascript'],
    ['css', 'text/css'],
    ['font', 'font/woff2'],
    ['media', 'video/mp4'],
    ['binary', 'application/octet-stream'],
    ['binary', 'constructor'],
    ['text/csv', 'text/csv;header=present'],
  ])('is %s when its type is %s', (kind, contentType) => {
    const url = 'http://a/x.unknown';
    expect(filters({ type: [kind] }).acceptsResponse(url, answer(200, contentType))).toBe(true);
    const others = filters({ type: ['x/y'] });
    expect(others.acceptsResponse(url, answer(200, contentType))).toBe(false);
  });

  test('without a Content-Type has the type of its extension', () => {
    const { acceptsResponse } = filters({ type: ['image'] });
    const accept = (url: string) => acceptsResponse(url, answer(304));
    expect(['http://a/b.png?x=1', 'http://a/b.SVG#c'].map(accept)).toEqual([true, true]);
    expect(['http://a/b', 'http://a.png', 'http://a/?b.png', 'http://a/b.js/'].map(accept)).toEqual(
      [false, false, false, false],
    );
  });

  test('with a Content-Type does not have the type of its extension', () => {
    const { acceptsResponse } = filters({ type: ['image'] });
    expect(acceptsResponse('http://a/b.png', answer(200, 'text/html'))).toBe(false);
  });

  test('is left out by --no-static when it is part of a page', () => {
    const { acceptsResponse } = filters({ static: false });
    const accept = (type: string) => acceptsResponse('http://a/', answer(200, type));
    expect(['image/png', 'text/css', 'text/javascript', 'font/ttf', 'audio/ogg'].some(accept)).toBe(
      false,
    );
    expect(['text/html', 'application/json', 'application/pdf'].every(accept)).toBe(true);
    expect(acceptsResponse('http://a/', answer(204))).toBe(true);
  });
});

describe('an exchange that has ended', () => {
  const reason = { kind: 'refused', message: 'connect ECONNREFUSED' } as const;
  const response = { status: 200, statusText: 'OK', httpVersion: '1.1', headers: [] };

  function exchange(outcome: Outcome, url = 'http://a/'): Exchange {
    const request = { method: 'GET', url, httpVersion: '1.1', headers: [] };
    return {
      id: '1',
      seq: 1,
      startedAt: 0,
      request,
      outcome,
      timings: { endMs: 1 },
      connection: {},
    };
  }

  test('in a failure is left out by --status and --type', () => {
    const failed = exchange({ kind: 'failed', reason }, 'http://a/x.json');
    expect(exchangeFilter(filters({}))(failed)).toBe(true);
    expect(exchangeFilter(filters({ status: [{ from: 100, to: 999 }] }))(failed)).toBe(false);
    expect(exchangeFilter(filters({ type: ['json'] }))(failed)).toBe(false);
  });

  test('and failed is left out by --no-static only because of its extension', () => {
    const accepts = exchangeFilter(filters({ static: false }));
    expect(accepts(exchange({ kind: 'failed', reason }, 'http://a/x.png'))).toBe(false);
    expect(accepts(exchange({ kind: 'failed', reason }, 'http://a/x'))).toBe(true);
  });

  test('and broke off is filtered by the response head that had arrived, as while recording', () => {
    const accepts = exchangeFilter(filters({ status: [{ from: 200, to: 299 }] }));
    expect(accepts(exchange({ kind: 'failed', reason, partial: response }))).toBe(true);
    expect(accepts(exchange({ kind: 'aborted', partial: { ...response, status: 500 } }))).toBe(
      false,
    );
  });

  test('is tested by its request and its response', () => {
    const accepts = exchangeFilter(filters({ methods: ['POST'] }));
    expect(accepts(exchange({ kind: 'completed', response }))).toBe(false);
  });
});
