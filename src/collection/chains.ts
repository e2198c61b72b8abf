import type { Handout, Source } from './handouts.ts';
import { digest } from './identifiers.ts';
import type { Place, Use } from './uses.ts';

/** A value in a request that the answer at `place` of the recording handed out first. */
export type Link = {
  readonly at: Place;
  readonly value: string;
  readonly from: Origin;
};

/** Where a value came from. */
type Origin = {
  /** The exchange whose answer it is, by its place in the recording. */
  readonly place: number;
  readonly source: Source;
  /** What a variable for it would be called. */
  readonly name: string;
};

/** Follows values from the answers that hand them out to the requests that use them. */
export type ChainTracker = {
  /** The values of a request that came from earlier answers. Told in order of arrival, before its answer is. */
  request(uses: readonly Use[]): Link[];
  answer(place: number, handouts: readonly Handout[]): void;
};

/** More values than this are not remembered; the oldest that nobody used go first. */
const REMEMBERED = 100_000;

/** Starts with no value known. A value that a client sent before any answer held it is the client's own. */
export function trackChains(remembered = REMEMBERED): ChainTracker {
  const origins = new Map<string, Origin | 'client'>();
  const learn = (key: string, origin: Origin | 'client') => {
    if (origins.has(key)) return;
    origins.set(key, origin);
    if (origins.size <= remembered) return;
    const oldest = origins.keys().next().value;
    if (oldest !== undefined) origins.delete(oldest);
  };
  return {
    request(uses) {
      const links: Link[] = [];
      for (const { value, place, owner } of uses) {
        const key = keyOf(value, owner);
        const from = origins.get(key);
        if (from === undefined) learn(key, 'client');
        else if (from !== 'client') {
          links.push({ at: place, value, from });
          // What is used stays known.
          origins.delete(key);
          origins.set(key, from);
        }
      }
      return links;
    },
    answer(place, handouts) {
      for (const { value, source, owners, name } of handouts) {
        const origin = { place, source, name };
        for (const owner of owners ?? [undefined]) learn(keyOf(value, owner), origin);
      }
    },
  };
}

/** Long values are remembered by their hash, so that memory does not grow with them. */
function keyOf(value: string, owner: string | undefined): string {
  if (owner !== undefined) return `${owner} ${value}`;
  return value.length <= 64 ? value : digest(value);
}
