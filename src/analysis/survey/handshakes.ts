import { type Exchange, headerValues, responseOf } from '../../exchange.ts';

/** Finds the requests of which nothing came but the question who asks. */
export type Handshakes = {
  /** Told in order of arrival. */
  see(place: number, exchange: Exchange): void;
  /** The places of those that were made again, this time with an answer to the question. */
  readonly places: ReadonlySet<number>;
};

/** Whoever is challenged comes back at once, or not at all. */
const MOST_WAITING = 1000;

/**
 * Digest needs a challenge before anything can be asked (RFC 7616, 3.3), and a new one when the last is stale: clients
 * then ask twice, often with nothing in the body the first time. A runner does the same by itself.
 */
export function digestHandshakes(): Handshakes {
  const waiting = new Map<string, number[]>();
  const places = new Set<number>();
  return {
    see(place, exchange) {
      const challenge = challengeIn(exchange);
      if (challenge === undefined && waiting.size === 0) return;
      const { method, url, headers } = exchange.request;
      const key = `${method} ${url}`;
      const answers = headerValues(headers, 'authorization').some(isDigest);
      if (answers) {
        for (const one of waiting.get(key) ?? []) places.add(one);
        waiting.delete(key);
      }
      // Whoever answers and is asked again got it wrong, unless it only took too long.
      if (challenge === undefined || (answers && !/\bstale="?true/i.test(challenge))) return;
      if (waiting.size >= MOST_WAITING) waiting.clear();
      waiting.set(key, [...(waiting.get(key) ?? []), place]);
    },
    places,
  };
}

/** Tells whether a header's value is of the Digest scheme. */
function isDigest(value: string): boolean {
  return /^Digest /i.test(value);
}

function challengeIn({ outcome }: Exchange): string | undefined {
  const answer = responseOf(outcome);
  if (answer?.status !== 401) return undefined;
  return headerValues(answer.headers, 'www-authenticate').find(isDigest);
}
