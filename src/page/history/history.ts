import type { Row } from '../../sync/wire/page-events.ts';
import { type Observable, observable } from '../observable.ts';
import { type Filter, noFilter } from './filter.ts';
import { makeRows, type Rows } from './rows.ts';
import { makeView, type View } from './view.ts';

/** The scheduling of the page's work. */
export type Schedule = {
  /** Runs a task once before the next frame; in a hidden page, from time to time. */
  frame(run: () => void): void;
  /** Runs a task as soon as the page is idle. */
  idle(run: () => void): void;
  /** A monotonic clock, in milliseconds. */
  now(): number;
};

/** The calls that the page has, and the view of them. */
export type History = {
  readonly rows: Rows;
  readonly view: View;
  /** Incremented whenever the list must be redrawn, at most once a frame. */
  readonly version: Observable<number>;
  readonly filter: Observable<Filter>;
  /** Whether the reader has paused the list. */
  readonly paused: Observable<boolean>;
  /** Whether the list is scrolled away from the top, so that rows must not move. */
  readonly away: Observable<boolean>;
  /** Whether earlier rows are still being received. */
  readonly loading: Observable<boolean>;
  /** Whether any call has been compared with a recording. */
  readonly compared: Observable<boolean>;
  /** Adds rows with the next frame. `more` means that further earlier rows follow. */
  receive(rows: readonly Row[], more: boolean): void;
  /** The streams that run, by row number. */
  readonly streams: ReadonlyMap<number, Row>;
  /** Changes the streams that run with the next frame. */
  receiveStreams(news: StreamNews): void;
  /** Called with each stream that is gone, in the frame in which the row that replaces it is drawn. */
  onGone: (stream: GoneStream) => void;
  /** Says that there are no earlier rows, if none have arrived. */
  settle(): void;
  /** Removes rows up to this number. Returns whether there may have been any. */
  clear(through: number): boolean;
};

/** A stream that does not run any more, and the row that replaces it, if any. */
type GoneStream = { readonly n: number; readonly becomes?: number };

/** What has changed of the streams that run; with `all`, no others do. */
type StreamNews = {
  readonly all?: true;
  readonly changed: readonly Row[];
  readonly gone: readonly GoneStream[];
};

/** How long one step of filtering may block the page. */
const STEP_MS = 8;

/** Creates an empty history. */
export function makeHistory(schedule: Schedule): History {
  const rows = makeRows();
  const view = makeView();
  const version = observable(0);
  const filter = observable(noFilter);
  const paused = observable(false);
  const away = observable(false);
  const loading = observable(true);
  const compared = observable(false);
  /** Rows that wait for the next frame, because the browser reports scrolling only just before it. */
  let came: { readonly rows: readonly Row[]; readonly more: boolean }[] = [];
  const streams = new Map<number, Row>();
  let gone: GoneStream[] = [];
  let drawing = false;
  let scanning = false;

  const takeIn = () => {
    const arrived = came;
    came = [];
    for (const one of arrived) view.append(rows.append(one.rows));
    const latest = arrived.at(-1);
    if (latest) loading.set(latest.more);
    const replaced = gone;
    gone = [];
    view.setStreams([...streams.values()].sort((a, b) => a.n - b.n));
    for (const stream of replaced) history.onGone(stream);
  };
  const draw = () => {
    if (drawing) return;
    drawing = true;
    schedule.frame(() => {
      drawing = false;
      takeIn();
      version.set(version.get() + 1);
    });
  };
  const scan = () => {
    const end = schedule.now() + STEP_MS;
    view.scan(() => schedule.now() > end);
    draw();
    scanning = view.scanning;
    if (scanning) schedule.idle(scan);
  };
  const restart = () => {
    takeIn();
    view.reset(rows.all, filter.get());
    // A running scan continues with the new rows.
    if (!scanning) scan();
  };
  const hold = () => {
    if (paused.get() || away.get()) view.hold();
    else view.release();
    draw();
  };

  filter.subscribe(() => {
    away.set(false);
    restart();
  });
  paused.subscribe(hold);
  away.subscribe(hold);
  const history: History = {
    rows,
    view,
    streams,
    onGone: () => {},
    receiveStreams({ all, changed, gone: left }) {
      const before = all ? [...streams.keys()] : left.map(({ n }) => n);
      for (const n of before) streams.delete(n);
      for (const row of changed) streams.set(row.n, row);
      if (all) gone.push(...before.filter((n) => !streams.has(n)).map((n) => ({ n })));
      gone.push(...left);
      draw();
    },
    version,
    filter,
    paused,
    away,
    loading,
    compared,
    receive(some, more) {
      if (!compared.get() && some.some(({ marks }) => marks !== undefined)) compared.set(true);
      came.push({ rows: some, more });
      draw();
    },
    settle() {
      if (rows.last === 0 && came.length === 0) loading.set(false);
    },
    clear(through) {
      takeIn();
      if (through < (rows.all[0]?.n ?? Number.POSITIVE_INFINITY)) return false;
      rows.clear(through);
      restart();
      return true;
    },
  };
  return history;
}
