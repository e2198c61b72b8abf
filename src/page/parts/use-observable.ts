import { useLayoutEffect, useState } from 'preact/hooks';
import type { Observable } from '../observable.ts';

/** The value of an observable. The component is redrawn when it changes. */
export function useObservable<T>(source: Observable<T>): T {
  const [, draw] = useState<T>(source.get);
  useLayoutEffect(() => {
    const update = () => draw(source.get);
    // The value may have changed since the component was drawn.
    update();
    return source.subscribe(update);
  }, [source]);
  return source.get();
}
