import { type Exchange, headerValues, responseOf } from '../../exchange.ts';

/** Finds the requests that only received an authentication challenge. */
export type Handshakes = {
  /** Takes exchanges in order of arrival. */
  see(place: number, exchange: Exchange): void;
  /** The positions of requests that were then repeated with credentials. */
  readonly places: ReadonlySet<number>;
};

/** A challenged client retries at once, or not at all. */
const MOST_WAITING = 1000;

/**
 * Digest needs a challenge before the first request (RFC 7616, 3.3), and a new one when the last is stale: clients
 * then send the request twice, often with an empty body the first time. A runner does the same by itself.
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
      // Credentials that are challenged again were wrong, unless they were only stale.
      if (challenge === undefined || (answers && !/\bstale="?true/i.test(challenge))) return;
      if (waiting.size >= MOST_WAITING) waiting.clear();
      waiting.set(key, [...(waiting.get(key) ?? []), place]);
    },
    places,
  };
}

/** Whether a header's value uses the Digest scheme. */
function isDigest(value: string): boolean {
  return /^Digest /i.test(value);
}

function challengeIn({ outcome }: Exchange): string | undefined {
  const answer = responseOf(outcome);
  if (answer?.status !== 401) return undefined;
  return headerValues(answer.headers, 'www-authenticate').find(isDigest);
}
