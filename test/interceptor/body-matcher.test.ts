import { describe, expect, test } from 'vitest';
import { BodyMatcher } from '../../src/interceptor/bodies/body-matcher.ts';

const start = (startedAt: number, url = 'http://a.test/x') => ({
  ...{ tabId: 1, method: 'GET', url, startedAt },
});
const seen = (startedAt: number, url = 'http://a.test/x#top') => ({
  ...start(startedAt, url),
  body: Promise.resolve(undefined),
});
const call = (id: string, startedAt: number) => ({ id, ...start(startedAt) });

describe('the body matcher', () => {
  test('gives calls that are alike the requests in the order of their starts', () => {
    const matcher = new BodyMatcher();
    const [first, second] = [seen(1000), seen(1040)];
    matcher.add(first);
    // Late by more than the time between the two.
    matcher.begin(call('a', 1060));
    matcher.begin(call('b', 1100));
    expect(matcher.find('b')).toBeUndefined();
    matcher.add(second);
    expect(matcher.find('b')).toBe(second);
    expect(matcher.find('a')).toBe(first);
    matcher.remove(first);
    expect(matcher.find('a')).toBeUndefined();
  });

  test('passes over starts that only one side has seen', () => {
    const matcher = new BodyMatcher();
    matcher.begin(call('before the debugger', 1000));
    const later = seen(9000);
    matcher.add(later);
    matcher.begin(call('a', 9001));
    expect(matcher.find('a')).toBe(later);
    const cached = seen(20_000);
    matcher.add(cached);
    matcher.remove(cached);
    const asked = seen(20_001);
    matcher.begin(call('b', 20_002));
    matcher.add(asked);
    expect(matcher.find('b')).toBe(asked);
  });

  test('forgets a call that the debugger has not seen', () => {
    const matcher = new BodyMatcher();
    matcher.begin(call('of a service worker', 1000));
    matcher.forget(call('of a service worker', 1000));
    const next = seen(1500);
    matcher.add(next);
    matcher.begin(call('a', 1501));
    expect(matcher.find('a')).toBe(next);
  });

  test('keeps tabs, methods and URLs apart', () => {
    const matcher = new BodyMatcher();
    matcher.add({ ...seen(1000), tabId: 2 });
    matcher.add({ ...seen(1000), method: 'POST' });
    matcher.add(seen(1000, 'http://a.test/y'));
    matcher.begin(call('a', 1000));
    expect(matcher.find('a')).toBeUndefined();
  });
});
