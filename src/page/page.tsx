import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { type App, AppContext } from './app.ts';
import { Banners } from './controls/banners.tsx';
import { BulkBar } from './controls/bulk-bar.tsx';
import { Dialogs } from './controls/dialogs.tsx';
import { FilterBar } from './controls/filter-bar.tsx';
import { NoticeList } from './controls/notice-list.tsx';
import { StatusBar } from './controls/status-bar.tsx';
import { Toolbar } from './controls/toolbar.tsx';
import { DetailPane } from './detail/detail-pane.tsx';
import { firstAfter } from './history/rows.ts';
import { listenForKeys } from './keyboard.ts';
import { HistoryList } from './list/history-list.tsx';
import { makeListKeys } from './list/list-keys.ts';
import { Overview } from './overview/overview.tsx';
import { EVENLY, Splitter } from './parts/splitter.tsx';
import { useNarrow } from './parts/use-narrow.ts';
import { useObservable } from './parts/use-observable.ts';
import { StreamPane } from './streams/stream-pane.tsx';

/** The whole page. */
export function Page({ app }: { readonly app: App }) {
  // Preact draws in a microtask, too, so the focus moves before another key can be pressed.
  const keys = useMemo(
    () => makeListKeys(app.history.view, app.selection, (run) => queueMicrotask(run)),
    [app],
  );
  useLayoutEffect(() => listenForKeys(app, keys), [app, keys]);
  const opened = useObservable(app.selection.opened);
  const overview = useObservable(app.overview);
  const row = opened === undefined ? undefined : rowOf(app, opened);
  const covered = useNarrow() && row !== undefined;
  const [split, setSplit] = useState(EVENLY);
  const close = () => {
    app.selection.opened.set(undefined);
    keys.focusActive();
  };
  return (
    <AppContext.Provider value={app}>
      <div class="top" inert={covered}>
        <Toolbar />
        <FilterBar />
      </div>
      <Banners />
      <main class={row ? 'with-detail' : ''} style={{ '--split': `${split}%` }}>
        <div class="left" inert={covered}>
          {overview && <Overview />}
          <HistoryList keys={keys} />
          <BulkBar />
        </div>
        {row && <Splitter label="Width of the list" value={split} onMove={setSplit} />}
        {row &&
          (row.stream ? (
            <StreamPane row={row} covers={covered} onClose={close} />
          ) : (
            <DetailPane row={row} covers={covered} onClose={close} />
          ))}
      </main>
      <StatusBar />
      <NoticeList />
      <Dialogs />
    </AppContext.Provider>
  );
}

// The details of a call stay open also when the filter hides it.
function rowOf({ history }: App, n: number) {
  if (n < 0) return history.streams.get(n);
  const { all } = history.rows;
  const row = all[firstAfter(all, n - 1)];
  return row?.n === n ? row : undefined;
}
