import { useLayoutEffect, useState } from 'preact/hooks';
import type { Observable } from '../observable.ts';

const EVERY_MS = 250;

/** Draws the component anew when this has changed, but not more often than is pleasant to look at. */
export function useNowAndThen(source: Observable<unknown>): void {
  const [, draw] = useState(0);
  // Watched from the moment on in which it is drawn: nothing that changes goes unseen.
  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = source.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        draw((times) => times + 1);
      }, EVERY_MS);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [source]);
}
