import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app.ts';
import type { View } from '../history/view.ts';
import { formatCount } from '../parts/format.ts';
import { UpIcon } from '../parts/icons.tsx';
import { useObservable } from '../parts/use-observable.ts';
import { allTicked, type Selection } from '../selection.ts';
import { CallRow } from './call-row.tsx';
import { Emptiness } from './emptiness.tsx';
import type { ListKeys } from './list-keys.ts';
import { VirtualList } from './virtual-list.tsx';
import { scrollTopFor } from './window.ts';

/** Below this many pixels a call takes two lines. */
const TWO_LINES_BELOW = 560;
const ROW = 28;
const TALL_ROW = 52;
const HEAD = 28;

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
  const rowHeight = useRowHeight(scroller);

  const scrolled = useCallback(
    (scrollTop: number) => history.away.set(scrollTop >= ROW / 2),
    [history],
  );
  useLayoutEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [filter]);

  const toTop = () => {
    scroller.current?.scrollTo({ top: 0 });
    history.away.set(false);
  };
  const reveal = (place: number) => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop } = element;
    element.scrollTop = scrollTopFor(place, scrollTop, roomOf(element), rowHeight);
  };
  const pageSize = () => Math.max(1, Math.floor(roomOf(scroller.current) / rowHeight) - 1);
  const pressed = (event: MouseEvent) => press(event, history.view, selection);
  const focus = (n: number) => {
    const place = view.placeOf(n);
    if (place < 0) return;
    reveal(place);
    scroller.current?.querySelector<HTMLElement>(`#call-${n}`)?.focus({ preventScroll: true });
  };
  useLayoutEffect(() => keys.attach({ focus, pageSize }), undefined);

  const activePlace = active === undefined ? -1 : view.placeOf(active);
  // Tab leads into the list also before any row was chosen.
  const tabPlace = Math.max(activePlace, 0);
  return (
    <section class={rowHeight === ROW ? 'list' : 'list tall'} aria-label="History">
      <VirtualList
        class="calls"
        length={view.length}
        rowHeight={rowHeight}
        keep={activePlace}
        scroller={scroller}
        onScrolled={scrolled}
        attributes={{
          role: 'grid',
          'aria-label': 'Calls, newest first',
          'aria-rowcount': view.length + 1,
          'aria-multiselectable': true,
        }}
        head={<Head />}
        onClick={pressed}
        onKeyDown={(event) => {
          // The box that ticks all has keys of its own.
          if (!(event.target as HTMLElement).closest('.head-row')) keys.onKeyDown(event);
        }}
        row={(place, top, slots) => {
          const row = view.at(place);
          if (!row) return null;
          // Where the list jumps, other calls are put into the elements that are there, which is quicker than making
          // new ones. Slots count from the oldest, so that new calls leave the others where they are, and the call
          // that may have the focus has an element of its own.
          return (
            <CallRow
              key={place === activePlace ? `call-${row.n}` : (view.length - place) % slots}
              row={row}
              place={place}
              top={top}
              active={place === tabPlace}
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
  return element === null ? 0 : element.clientHeight - HEAD;
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

function Head() {
  const { history, selection } = useApp();
  const { view } = history;
  const all = allTicked(selection.ticked, view);
  return (
    <div role="row" class="head-row" aria-rowindex={1}>
      <span role="columnheader" class="tick">
        <input
          type="checkbox"
          aria-label="Tick all calls that are shown"
          title="Tick all calls that are shown"
          checked={all}
          indeterminate={!all && selection.ticked.size > 0}
          disabled={view.length === 0}
          onChange={() => selection.tickShown(view)}
        />
      </span>
      {COLUMNS.map(([name, text]) => (
        <span key={name} role="columnheader" class={name}>
          {text}
        </span>
      ))}
    </div>
  );
}

const COLUMNS = [
  ['method', 'Method'],
  ['status', 'Status'],
  ['target', 'Host and path'],
  ['started', 'Started'],
  ['kind', 'Type'],
  ['size', 'Size'],
  ['duration', 'Time'],
] as const;

function useRowHeight(element: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(ROW);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return undefined;
    const measure = () => setHeight(current.clientWidth < TWO_LINES_BELOW ? TALL_ROW : ROW);
    const sizes = new ResizeObserver(measure);
    sizes.observe(current);
    measure();
    return () => sizes.disconnect();
  }, [element]);
  return height;
}
