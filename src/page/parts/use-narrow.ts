import { useLayoutEffect, useState } from 'preact/hooks';

/** As in narrow.css: there is room for the list or the details, not for both. */
const NARROW = '(max-width: 760px)';

/** Whether the page is narrow. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useLayoutEffect(() => {
    const query = matchMedia(NARROW);
    const update = () => setNarrow(query.matches);
    // It may have changed between being drawn and being watched.
    update();
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  return narrow;
}
