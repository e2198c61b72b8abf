import { useLayoutEffect, useState } from 'preact/hooks';
import type { Observable } from '../observable.ts';

/** The value of an observable; the component is drawn anew when it changes. */
export function useObservable<T>(source: Observable<T>): T {
  const [, draw] = useState<T>(source.get);
  useLayoutEffect(() => {
    const update = () => draw(source.get);
    // It may have changed between being drawn and being watched.
    update();
    return source.subscribe(update);
  }, [source]);
  return source.get();
}
