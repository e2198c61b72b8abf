import type { Exchange } from '../../exchange.ts';

/** Requests further apart than this were not sent at once. */
const BURST_MS = 100;

type Waiting = { readonly place: number; readonly rank: () => string };

/**
 * Puts exchanges that were under way at the same time into an order that does not depend on which came first by chance.
 * Two are only exchanged where each was sent before the other was answered, so that none can build on the other.
 */
export type BurstSorter = {
  /** Told in order of arrival. `rank` decides within a burst, asked where there is one; equal ones keep their order. */
  see(place: number, exchange: Exchange, rank: () => string): void;
  /** The places of all exchanges, in order. */
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
      // Starts are told in whole milliseconds: what follows in the one of the answer was perhaps sent behind it.
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
