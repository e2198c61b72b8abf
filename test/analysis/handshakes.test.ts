import { expect, test } from 'vitest';
import { digestHandshakes } from '../../src/analysis/survey/handshakes.ts';
import type { Header } from '../../src/exchange.ts';
import { type ExchangeParts, exchange } from '../helpers/exchanges.ts';

const credentials: Header = ['Authorization', 'Digest username="ada", realm="r", response="x"'];

const challenged = (parts: ExchangeParts = {}, challenge = 'Digest realm="r", nonce="n"') =>
  exchange({ response: { status: 401, headers: [['WWW-Authenticate', challenge]] }, ...parts });

const passed = (parts: ExchangeParts = {}) => exchange({ headers: [credentials], ...parts });

function handshakesIn(...exchanges: ReturnType<typeof exchange>[]): number[] {
  const handshakes = digestHandshakes();
  for (const [place, one] of exchanges.entries()) handshakes.see(place, one);
  return [...handshakes.places];
}

test('a challenged and repeated request is a handshake, also with an empty body', () => {
  expect(handshakesIn(challenged(), passed())).toEqual([0]);
  const post = { method: 'POST', url: 'http://api.test/orders' };
  expect(handshakesIn(challenged(post), challenged(), passed({ ...post, body: '{}' }))).toEqual([
    0,
  ]);
});

test('a challenged request that was answered too late is a handshake, too', () => {
  const stale = challenged({ headers: [credentials] }, 'Digest realm="r", nonce="m", stale=true');
  expect(handshakesIn(challenged(), stale, passed())).toEqual([0, 1]);
});

test('a wrong password, an unanswered challenge and other schemes are not handshakes', () => {
  const wrong = challenged({ headers: [credentials] });
  expect(handshakesIn(wrong, passed())).toEqual([]);
  expect(handshakesIn(challenged(), passed({ url: 'http://api.test/other' }))).toEqual([]);
  expect(handshakesIn(challenged({}, 'Basic realm="r"'), passed())).toEqual([]);
  expect(handshakesIn(exchange({ response: { status: 404 } }), passed())).toEqual([]);
});
