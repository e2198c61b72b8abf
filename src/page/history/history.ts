import type { Row } from '../../sync/wire/page-events.ts';
import { type Observable, observable } from '../observable.ts';
import { type Filter, noFilter } from './filter.ts';
import { makeRows, type Rows } from './rows.ts';
import { makeView, type View } from './view.ts';

/** When the page does its work. */
export type Schedule = {
  /** Runs this once before the next picture is drawn; in a hidden page, now and then. */
  frame(run: () => void): void;
  /** Runs this as soon as the page has done what else it has to do. */
  idle(run: () => void): void;
  /** Milliseconds that only grow. */
  now(): number;
};

/** The calls that the page knows, and what is shown of them. */
export type History = {
  readonly rows: Rows;
  readonly view: View;
  /** Counts up whenever the list is to be drawn anew, once a frame at most. */
  readonly version: Observable<number>;
  readonly filter: Observable<Filter>;
  /** The reader has stopped the list. */
  readonly paused: Observable<boolean>;
  /** The reader is not at the top: rows must not move under their eyes. */
  readonly away: Observable<boolean>;
  /** What there was before is still coming. */
  readonly loading: Observable<boolean>;
  /** Takes in what came, with the next picture; `more` of what there was before follows. */
  receive(rows: readonly Row[], more: boolean): void;
  /** Nothing more is coming of what there was before, if nothing has. */
  settle(): void;
  /** Forgets rows up to this number; returns whether any could be held. */
  clear(through: number): boolean;
};

/** As long as a step of filtering may keep the page from answering. */
const STEP_MS = 8;

/** Starts with nothing. */
export function makeHistory(schedule: Schedule): History {
  const rows = makeRows();
  const view = makeView();
  const version = observable(0);
  const filter = observable(noFilter);
  const paused = observable(false);
  const away = observable(false);
  const loading = observable(true);
  /** What waits for the next picture: the browser says only just before it that the reader has scrolled. */
  let came: { readonly rows: readonly Row[]; readonly more: boolean }[] = [];
  let drawing = false;
  let scanning = false;

  const takeIn = () => {
    const arrived = came;
    came = [];
    for (const one of arrived) view.append(rows.append(one.rows));
    const latest = arrived.at(-1);
    if (latest) loading.set(latest.more);
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
    // A scan that is under way goes on with the new rows.
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
  return {
    rows,
    view,
    version,
    filter,
    paused,
    away,
    loading,
    receive(some, more) {
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
}
