import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** The element of a pane. When it covers the page, its Back button gets the focus. */
export function usePaneFocus(covers: boolean): RefObject<HTMLElement | null> {
  const pane = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (covers) pane.current?.querySelector<HTMLElement>('.back')?.focus();
  }, [covers]);
  return pane;
}
