import { digest } from '../../content-id.ts';
import type { IssuedValue, Source } from './issued-values.ts';
import type { Place, Use } from './uses.ts';

/** A value in a request that the response at `place` of the recording issued first. */
export type Link = {
  readonly at: Place;
  readonly value: string;
  readonly from: Origin;
};

/** The source of a value. */
type Origin = {
  /** The position in the recording of the exchange whose response issued it. */
  readonly place: number;
  readonly source: Source;
  /** The wanted name of a variable for it. */
  readonly name: string;
};

/** Follows values from the responses that issue them to the requests that use them. */
export type ChainTracker = {
  /** The values of a request that came from earlier responses. Call it in order of arrival, before adding the response. */
  request(uses: readonly Use[]): Link[];
  answer(place: number, issued: readonly IssuedValue[]): void;
};

/** About this many values are remembered; the oldest unused values are dropped first. */
const REMEMBERED = 100_000;

/** Starts with no value known. A value that a client sent before any response contained it is the client's own. */
export function trackChains(remembered = REMEMBERED): ChainTracker {
  const origins = generations<Origin | 'client'>(remembered / 2);
  return {
    request(uses) {
      const links: Link[] = [];
      const whole = new Set<Place>();
      for (const { value, place, owner, within } of uses) {
        if (within && whole.has(place)) continue;
        const key = keyOf(value, owner);
        const from = origins.use(key);
        if (from === undefined) origins.learn(key, 'client');
        else if (from !== 'client') {
          links.push({ at: place, value, from });
          if (!within) whole.add(place);
        }
      }
      return links;
    },
    answer(place, issued) {
      for (const { value, source, owners, name } of issued) {
        const origin = { place, source, name };
        for (const owner of owners ?? [undefined]) origins.learn(keyOf(value, owner), origin);
      }
    },
  };
}

/** A cache in two halves; the older half is dropped as a whole, since deleting the oldest entry of a Map is slow. */
function generations<T>(half: number) {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  const put = (key: string, value: T): void => {
    if (young.size >= half) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    /** The first value of a key is kept. */
    learn(key: string, value: T): void {
      if (!young.has(key) && !old.has(key)) put(key, value);
    },
    /** Using a value makes it young again. */
    use(key: string): T | undefined {
      const value = young.get(key) ?? old.get(key);
      if (value !== undefined && !young.has(key)) put(key, value);
      return value;
    },
  };
}

/** Long values are remembered by their hash, so that memory does not grow with them. */
function keyOf(value: string, owner: string | undefined): string {
  if (owner !== undefined) return `${owner} ${value}`;
  return value.length <= 64 ? value : digest(value);
}
