import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/interceptor/capture/call.ts';
import { createCallTracker } from '../../src/interceptor/capture/call-tracker.ts';

const base = { requestId: '7', tabId: 1, method: 'GET', type: 'main_frame' };
const at = (timeStamp: number, url = 'http://a.test/') => ({ ...base, url, timeStamp });
const head = (statusCode: number, statusLine = `HTTP/1.1 ${statusCode} X`) => ({
  statusCode,
  statusLine,
  responseHeaders: [{ name: 'X-Status', value: String(statusCode) }],
  fromCache: false,
});

function tracked(isWanted = () => true) {
  const calls: Call[] = [];
  return { calls, tracker: createCallTracker(isWanted, (call) => calls.push(call)) };
}

describe('the call tracker', () => {
  test('makes a call of the events of a request', () => {
    const { calls, tracker } = tracked();
    tracker.beforeRequest({ ...at(100), requestBody: { formData: { a: ['1'] } } });
    tracker.sendHeaders({ ...at(110), requestHeaders: [{ name: 'Accept', value: '*/*' }] });
    tracker.headersReceived({ ...at(130), ...head(200) });
    tracker.completed({ ...at(150), ...head(200), ip: '10.0.0.1' });
    expect(calls).toEqual([
      {
        ...{ id: '7 100', tabId: 1, type: 'main_frame', method: 'GET', url: 'http://a.test/' },
        ...{ startedAt: 100, sentAt: 110, endedAt: 150, ip: '10.0.0.1', error: undefined },
        requestHeaders: [{ name: 'Accept', value: '*/*' }],
        requestBody: { formData: { a: ['1'] } },
        response: {
          ...{ status: 200, statusLine: 'HTTP/1.1 200 X', at: 130 },
          headers: [{ name: 'X-Status', value: '200' }],
        },
      },
    ]);
  });

  test('makes a call of every step of a redirect', () => {
    const { calls, tracker } = tracked();
    tracker.beforeRequest(at(1));
    tracker.sendHeaders(at(2));
    tracker.headersReceived({ ...at(3), ...head(302) });
    tracker.beforeRedirect({ ...at(4), ...head(302) });
    tracker.beforeRequest(at(5, 'http://b.test/'));
    tracker.sendHeaders(at(6, 'http://b.test/'));
    tracker.completed({ ...at(7, 'http://b.test/'), ...head(200) });
    expect(calls.map(({ url, response }) => [url, response?.status])).toEqual([
      ['http://a.test/', 302],
      ['http://b.test/', 200],
    ]);
  });

  test('leaves out redirects within the browser', () => {
    const { calls, tracker } = tracked();
    tracker.beforeRequest(at(1));
    tracker.beforeRedirect({ ...at(2), ...head(307, 'HTTP/1.1 307 Internal Redirect') });
    expect(calls).toEqual([]);
  });

  test('makes two calls of a request that is repeated with credentials', () => {
    const { calls, tracker } = tracked();
    tracker.beforeRequest(at(1));
    tracker.sendHeaders(at(2));
    tracker.headersReceived({ ...at(3), ...head(401) });
    tracker.sendHeaders({ ...at(4), requestHeaders: [{ name: 'Authorization', value: 'x' }] });
    tracker.headersReceived({ ...at(5), ...head(200) });
    tracker.completed({ ...at(6), ...head(200) });
    expect(calls.map(({ id, response, startedAt }) => [id, response?.status, startedAt])).toEqual([
      ['', 401, 1],
      ['7 1', 200, 4],
    ]);
  });

  test('reports an error, with the response as far as it came', () => {
    const { calls, tracker } = tracked();
    tracker.beforeRequest(at(1));
    tracker.errorOccurred({ ...at(2), error: 'net::ERR_NAME_NOT_RESOLVED', fromCache: false });
    tracker.beforeRequest(at(3));
    tracker.sendHeaders(at(4));
    tracker.headersReceived({ ...at(5), ...head(200) });
    tracker.errorOccurred({ ...at(6), error: 'net::ERR_CONNECTION_RESET', fromCache: false });
    expect(calls.map(({ error, response }) => [error, response?.status])).toEqual([
      ['net::ERR_NAME_NOT_RESOLVED', undefined],
      ['net::ERR_CONNECTION_RESET', 200],
    ]);
  });

  test('ignores requests that are not wanted, and those that began before', () => {
    const { calls, tracker } = tracked(() => false);
    tracker.beforeRequest(at(1));
    tracker.sendHeaders(at(2));
    tracker.completed({ ...at(3), ...head(200) });
    tracker.completed({ ...at(4), requestId: '8', ...head(200) });
    expect(calls).toEqual([]);
  });

  test('forgets the oldest of very many requests that do not end', () => {
    const { calls, tracker } = tracked();
    for (let id = 0; id <= 5000; id += 1) tracker.beforeRequest({ ...at(1), requestId: `r${id}` });
    for (const requestId of ['r0', 'r1']) tracker.completed({ ...at(2), requestId, ...head(200) });
    expect(calls).toHaveLength(1);
  });
});
