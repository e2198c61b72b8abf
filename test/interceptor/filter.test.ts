import { describe, expect, test } from 'vitest';
import { entryOf } from '../../src/interceptor/capture/entry.ts';
import { compileFilter, isClient, noFilter } from '../../src/interceptor/capture/filter.ts';
import { compilePushFilter } from '../../src/interceptor/push/push-filter.ts';

const request = { url: 'https://api.test/users?id=1', method: 'GET', type: 'xmlhttprequest' };

describe('the filter of the popup', () => {
  test.each([
    [{}, true],
    [{ url: '^https://api\\.' }, true],
    [{ url: 'id=2' }, false],
    [{ url: '(' }, false],
    [{ methods: ['GET', 'PUT'] }, true],
    [{ methods: ['POST'] }, false],
    [{ kinds: ['fetch'] }, true],
    [{ kinds: ['image', 'other'] }, false],
  ] as const)('%j lets a request through: %s', (filter, passes) => {
    expect(compileFilter({ ...noFilter, ...filter })(request)).toBe(passes);
  });

  test('counts resource types that have no kind of their own as other', () => {
    const passes = compileFilter({ ...noFilter, kinds: ['other'] });
    expect(passes({ ...request, type: 'csp_report' })).toBe(true);
    expect(passes({ ...request, type: 'main_frame' })).toBe(false);
  });

  test.each([
    ['http://127.0.0.1:5005/', true],
    ['ws://localhost:5005/events', true],
    ['http://[::1]:5005/', true],
    ['http://127.0.0.1:5006/', false],
    ['http://127.0.0.1.evil.test:5005/', false],
    ['http://a.test:5005/', false],
  ])('%s is the client: %s', (url, is) => {
    expect(isClient(url, 5005)).toBe(is);
  });
});

describe('the filters of the client', () => {
  const entry = entryOf({
    ...{ id: '1', tabId: 1, type: 'xmlhttprequest', method: 'GET', url: request.url },
    ...{ startedAt: 0, sentAt: 0, endedAt: 0, requestHeaders: [] },
    response: {
      ...{ status: 404, statusLine: 'HTTP/1.1 404 Not Found', at: 0 },
      headers: [{ name: 'content-type', value: 'application/problem+json; charset=utf-8' }],
    },
  });

  test.each([
    [{}, true],
    [{ url: ['/USERS/i', '/x/'] }, true],
    [{ url: ['/USERS/'] }, false],
    [{ notUrl: ['/users/'] }, false],
    [{ methods: ['get'] }, true],
    [{ methods: ['POST'] }, false],
    [{ status: ['4xx'] }, true],
    [{ status: ['200', '500-503'] }, false],
    [{ kinds: ['json'] }, true],
    [{ kinds: ['application/problem+json'] }, true],
    [{ kinds: ['html'] }, false],
  ])('%j let a call through: %s', (filters, passes) => {
    expect(compilePushFilter(filters)(entry)).toBe(passes);
  });

  test('are refused where the extension does not know them', () => {
    expect(() => compilePushFilter({ url: ['a.test/**'] })).toThrow('not a regular expression');
    expect(() => compilePushFilter({ status: ['many'] })).toThrow('not a status');
  });
});
