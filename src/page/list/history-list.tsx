import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app.ts';
import type { View } from '../history/view.ts';
import { formatCount } from '../parts/format.ts';
import { UpIcon } from '../parts/icons.tsx';
import { useObservable } from '../parts/use-observable.ts';
import type { Selection } from '../selection.ts';
import { CallRow } from './call-row.tsx';
import { columnClass, columnsIn, trackSizes } from './columns.tsx';
import { Emptiness } from './emptiness.tsx';
import { HEAD_HEIGHT, type Layout, layoutFor, rowHeightOf } from './layout.ts';
import type { ListKeys } from './list-keys.ts';
import { scrollTopFor } from './row-range.ts';
import { VirtualList } from './virtual-list.tsx';

/** The list of calls with its head. */
export function HistoryList({ keys }: { readonly keys: ListKeys }) {
  const { history, selection } = useApp();
  const { view } = history;
  useObservable(history.version);
  useObservable(selection.ticking);
  const active = useObservable(selection.active);
  const opened = useObservable(selection.opened);
  const filter = useObservable(history.filter);
  const scroller = useRef<HTMLDivElement>(null);
  const layout = useLayout(scroller);
  const rowHeight = rowHeightOf(layout);

  const scrolled = useCallback(
    (scrollTop: number) => history.away.set(scrollTop >= rowHeight / 2),
    [history, rowHeight],
  );
  useLayoutEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [filter]);

  const toTop = () => {
    scroller.current?.scrollTo({ top: 0 });
    history.away.set(false);
  };
  const reveal = (index: number) => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop } = element;
    element.scrollTop = scrollTopFor(index, scrollTop, roomOf(element), rowHeight);
  };
  const pageSize = () => Math.max(1, Math.floor(roomOf(scroller.current) / rowHeight) - 1);
  const pressed = (event: MouseEvent) => press(event, history.view, selection);
  const focus = (n: number) => {
    const index = view.indexOf(n);
    if (index < 0) return;
    reveal(index);
    scroller.current?.querySelector<HTMLElement>(`#call-${n}`)?.focus({ preventScroll: true });
  };
  useLayoutEffect(() => keys.attach({ focus, pageSize }), undefined);

  const activeIndex = active === undefined ? -1 : view.indexOf(active);
  // Tab moves into the list even before any row was chosen.
  const tabIndex = Math.max(activeIndex, 0);
  return (
    <section
      class="list"
      data-layout={layout}
      style={{
        '--columns': trackSizes(layout),
        '--head-height': `${HEAD_HEIGHT}px`,
        '--row-height': `${rowHeight}px`,
      }}
      aria-label="History"
    >
      <VirtualList
        class="calls"
        length={view.length}
        rowHeight={rowHeight}
        keep={activeIndex}
        scroller={scroller}
        onScrolled={scrolled}
        attributes={{
          role: 'grid',
          'aria-label': 'Calls, newest first',
          'aria-rowcount': view.length + 1,
          'aria-multiselectable': true,
        }}
        head={<Head layout={layout} />}
        onClick={pressed}
        onKeyDown={(event) => {
          // The checkbox in the head handles its own keys.
          if (!(event.target as HTMLElement).closest('.head-row')) keys.onKeyDown(event);
        }}
        row={(index, top, slots) => {
          const row = view.at(index);
          if (!row) return null;
          // When the list jumps, existing elements are reused for other calls, which is faster than creating new ones.
          // Slots count from the oldest call, so that a new call does not move the others, and the active call, which may
          // have the focus, has an element of its own.
          return (
            <CallRow
              key={index === activeIndex ? `call-${row.n}` : (view.length - index) % slots}
              row={row}
              index={index}
              top={top}
              layout={layout}
              active={index === tabIndex}
              opened={row.n === opened}
              ticked={selection.ticked.has(row.n)}
            />
          );
        }}
      />
      {view.length === 0 && <Emptiness />}
      {view.waiting > 0 && !history.paused.get() && (
        <button type="button" class="pill" onClick={toTop}>
          <UpIcon />
          {formatCount(view.waiting)} new
        </button>
      )}
    </section>
  );
}

// Below the head.
function roomOf(element: HTMLElement | null): number {
  return element === null ? 0 : element.clientHeight - HEAD_HEIGHT;
}

function press(event: MouseEvent, view: View, selection: Selection): void {
  const target = event.target as HTMLElement;
  const n = Number(target.closest<HTMLElement>('[data-n]')?.dataset['n'] ?? 0);
  if (n === 0) return;
  selection.active.set(n);
  if (target.closest('.tick') === null && !event.shiftKey) {
    selection.opened.set(n);
    return;
  }
  if (event.shiftKey) selection.tickRange(n, view);
  else selection.tick(n);
}

function Head({ layout }: { readonly layout: Layout }) {
  return (
    <div role="row" class="head-row" aria-rowindex={1}>
      {columnsIn(layout).map((column) => (
        <span key={column.name} role="columnheader" class={columnClass(column)}>
          {typeof column.heading === 'string' ? column.heading : column.heading()}
        </span>
      ))}
    </div>
  );
}

function useLayout(element: { readonly current: HTMLElement | null }): Layout {
  const [layout, setLayout] = useState<Layout>('wide');
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return undefined;
    const measure = () => setLayout(layoutFor(current.clientWidth));
    const sizes = new ResizeObserver(measure);
    sizes.observe(current);
    measure();
    return () => sizes.disconnect();
  }, [element]);
  return layout;
}
