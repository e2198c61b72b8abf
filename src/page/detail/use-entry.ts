import { useEffect, useState } from 'preact/hooks';
import type { HarEntry } from '../../sync/wire/page-events.ts';
import { reasonOf } from '../actions.ts';
import { fetchEntry } from '../link/requests.ts';

/** What is known of an exchange: nothing yet, all of it, or why not. */
export type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'loaded'; readonly n: number; readonly entry: HarEntry }
  | { readonly kind: 'failed'; readonly n: number; readonly reason: string };

/** Whoever walks through the list by keys does not want each call that they pass. */
const PASSING_MS = 80;

/** Fetches an exchange; the one before stays until the next one has come. */
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
