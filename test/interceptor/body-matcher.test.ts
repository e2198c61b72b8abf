import { describe, expect, test } from 'vitest';
import { BodyMatcher } from '../../src/interceptor/bodies/body-matcher.ts';

const seen = (startedAt: number, url = 'http://a.test/x#top') => ({
  ...{ tabId: 1, method: 'GET', url, startedAt },
  body: Promise.resolve(undefined),
});
const call = (startedAt: number) => ({
  ...{ tabId: 1, type: 'xmlhttprequest', method: 'GET', url: 'http://a.test/x' },
  ...{ startedAt, sentAt: 0, endedAt: 0, requestHeaders: [] },
});

describe('the body matcher', () => {
  test('gives each of two calls that are alike the request that started with it', () => {
    const matcher = new BodyMatcher();
    const [first, second] = [seen(1000), seen(1040)];
    matcher.add(first);
    matcher.add(second);
    expect(matcher.take(call(1038))).toBe(second);
    expect(matcher.take(call(1002))).toBe(first);
    expect(matcher.take(call(1002))).toBeUndefined();
  });

  test('gives nothing that began at another time or in another tab, or goes elsewhere', () => {
    const matcher = new BodyMatcher();
    matcher.add(seen(1000));
    expect(matcher.take(call(4000))).toBeUndefined();
    expect(matcher.take({ ...call(1000), tabId: 2 })).toBeUndefined();
    expect(matcher.take({ ...call(1000), method: 'POST' })).toBeUndefined();
    expect(matcher.take({ ...call(1000), url: 'http://a.test/y' })).toBeUndefined();
  });
});
