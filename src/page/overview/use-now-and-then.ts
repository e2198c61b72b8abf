import { useLayoutEffect, useState } from 'preact/hooks';
import type { Observable } from '../observable.ts';

const EVERY_MS = 250;

/** Redraws the component when a value has changed, at a limited rate. */
export function useNowAndThen(source: Observable<unknown>): void {
  const [, draw] = useState(0);
  // Subscribed as soon as the component is drawn, so that no change is missed.
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
