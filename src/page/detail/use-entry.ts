import { useEffect, useState } from 'preact/hooks';
import type { HarEntry } from '../../sync/wire/page-events.ts';
import { reasonOf } from '../actions.ts';
import { fetchEntry } from '../link/requests.ts';

/** The state of an entry that is being fetched: pending, fetched, or failed with a reason. */
export type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'loaded'; readonly n: number; readonly entry: HarEntry }
  | { readonly kind: 'failed'; readonly n: number; readonly reason: string };

/** A delay, so that moving through the list by keys does not fetch every call. */
const PASSING_MS = 80;

/** Fetches an entry. The previous one is returned until it has arrived. */
export function useEntry(n: number): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  useEffect(() => {
    const stop = new AbortController();
    const load = () =>
      fetchEntry(n, stop.signal).then(
        (entry) => setLoaded({ kind: 'loaded', n, entry }),
        (error: unknown) => {
          if (!stop.signal.aborted) setLoaded({ kind: 'failed', n, reason: reasonOf(error) });
        },
      );
    const timer = setTimeout(load, PASSING_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [n]);
  return loaded;
}
