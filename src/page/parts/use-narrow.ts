import { useLayoutEffect, useState } from 'preact/hooks';

/** As in the style sheets: there is room for the list or the details, not for both. */
const NARROW = '(max-width: 760px)';

/** Whether the page is narrow. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useLayoutEffect(() => {
    const query = matchMedia(NARROW);
    const update = () => setNarrow(query.matches);
    // The value may have changed since the component was drawn.
    update();
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  return narrow;
}
