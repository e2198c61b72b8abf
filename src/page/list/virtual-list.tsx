import type { ComponentChildren, Ref } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { rowsInView, slotsFor } from './row-range.ts';

type Props = {
  readonly class: string;
  readonly length: number;
  /** Pixels. */
  readonly rowHeight: number;
  /** The index of a row that is drawn even out of view, so that it keeps the focus. */
  readonly keep?: number;
  /** Draws a row, `top` pixels down; no more than `slots` are drawn at once, not counting the kept one. */
  readonly row: (index: number, top: number, slots: number) => ComponentChildren;
  readonly scroller: Ref<HTMLDivElement> & { current: HTMLDivElement | null };
  readonly onScrolled?: (scrollTop: number) => void;
  /** The head, which stays in view. */
  readonly head?: ComponentChildren;
  readonly onClick?: (event: MouseEvent) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  /** Of the scrolled element, for those who do not see it. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
};

/** A list of rows of equal height, of which only those in view are in the document. */
export function VirtualList(props: Props) {
  const { length, rowHeight, keep = -1, row, scroller, onScrolled } = props;
  const [viewport, setViewport] = useState({ top: 0, height: 0 });
  const drawing = useRef(0);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const measure = () => {
      drawing.current = 0;
      const { scrollTop: top, clientHeight: height } = element;
      setViewport((was) => (was.top === top && was.height === height ? was : { top, height }));
    };
    const scrolled = () => {
      onScrolled?.(element.scrollTop);
      drawing.current ||= requestAnimationFrame(measure);
    };
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    element.addEventListener('scroll', scrolled, { passive: true });
    measure();
    return () => {
      cancelAnimationFrame(drawing.current);
      sizes.disconnect();
      element.removeEventListener('scroll', scrolled);
    };
  }, [scroller, onScrolled]);

  const { from, to } = rowsInView(viewport.top, viewport.height, rowHeight, length);
  const slots = slotsFor(viewport.height, rowHeight);
  const indices = Array.from({ length: to - from }, (_, at) => from + at);
  if (keep >= 0 && keep < length && (keep < from || keep >= to)) indices.push(keep);
  return (
    <div
      ref={scroller}
      class={`scroller ${props.class}`}
      onClick={props.onClick}
      onKeyDown={props.onKeyDown}
      {...props.attributes}
    >
      {props.head}
      <div class="runway" role="presentation" style={{ height: `${length * rowHeight}px` }}>
        {indices.map((one) => row(one, one * rowHeight, slots))}
      </div>
    </div>
  );
}
