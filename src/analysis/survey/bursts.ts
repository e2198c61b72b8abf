import type { Exchange } from '../../exchange.ts';

/** Requests further apart than this were not sent together. */
const BURST_MS = 100;

type Waiting = { readonly place: number; readonly rank: () => string };

/**
 * Orders exchanges that were in flight at the same time independently of which happened to arrive first.
 * Two exchanges are only swapped if each was sent before the other was answered, so that neither can depend on the other.
 */
export type BurstSorter = {
  /** Takes exchanges in order of arrival. `rank` decides within a burst and is only called there; ties keep their order. */
  see(place: number, exchange: Exchange, rank: () => string): void;
  /** The positions of all exchanges, in order. */
  finish(): number[];
};

export function sortBursts(): BurstSorter {
  const order: number[] = [];
  let burst: Waiting[] = [];
  let startedAt = 0;
  let firstAnswerAt = 0;
  const flush = () => {
    if (burst.length > 1) burst = ranked(burst);
    for (const { place } of burst) order.push(place);
    burst = [];
  };
  return {
    see(place, { startedAt: sentAt, timings }, rank) {
      // Start times are whole milliseconds: a request in the same millisecond as the response may have been sent after it.
      const answeredAt = Math.floor(sentAt + (timings.headMs ?? timings.endMs));
      const isSame = sentAt >= startedAt && sentAt - startedAt <= BURST_MS;
      if (!isSame || sentAt >= firstAnswerAt) {
        flush();
        startedAt = sentAt;
        firstAnswerAt = answeredAt;
      }
      firstAnswerAt = Math.min(firstAnswerAt, answeredAt);
      burst.push({ place, rank });
    },
    finish() {
      flush();
      return order;
    },
  };
}

function ranked(burst: readonly Waiting[]): Waiting[] {
  const ranks = new Map(burst.map(({ place, rank }) => [place, rank()]));
  const rankOf = ({ place }: Waiting) => ranks.get(place) ?? '';
  return burst.toSorted((a, b) => (rankOf(a) < rankOf(b) ? -1 : rankOf(a) > rankOf(b) ? 1 : 0));
}
