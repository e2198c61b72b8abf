import { useEffect, useState } from 'preact/hooks';

/** As in narrow.css: there is room for the list or the details, not for both. */
const NARROW = '(max-width: 760px)';

/** Whether the page is narrow. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const update = () => setNarrow(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  return narrow;
}
