import { describe, expect, test } from 'vitest';
import { type Filter, noFilter } from '../../src/page/history/filter.ts';
import { makeHistory, type Schedule } from '../../src/page/history/history.ts';
import { makeRows } from '../../src/page/history/rows.ts';
import { makeView, type View } from '../../src/page/history/view.ts';
import type { Row } from '../../src/sync/wire/page-events.ts';
import { fc } from '../helpers/properties.ts';
import { row, rows } from './rows.ts';

function shown(view: View): number[] {
  return Array.from({ length: view.length }, (_, place) => view.at(place)?.n ?? 0);
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('a view', () => {
  test('shows the newest first, whether scanned or added later', () => {
    const view = makeView();
    view.reset(rows(range(1, 3)), noFilter);
    view.append(rows([4, 5]));
    view.scan(() => false);
    view.append(rows([6]));
    expect(shown(view)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(view.indexOf(4)).toBe(2);
    expect(view.indexOf(7)).toBe(-1);
    expect(view.tally.methods.get('GET')).toBe(6);
  });

  test('scans many rows in steps, so that the page stays responsive', () => {
    const view = makeView();
    view.reset(rows(range(1, 10_000)), noFilter);
    let asked = 0;
    view.scan(() => {
      asked += 1;
      return asked > 2;
    });
    expect(view.scanning).toBe(true);
    expect(view.length).toBeGreaterThan(0);
    expect(view.length).toBeLessThan(1000);
    expect(view.at(0)?.n).toBe(10_000);
    view.scan(() => false);
    expect(view.scanning).toBe(false);
    expect(view.length).toBe(10_000);
  });

  test('shows its top at once, however late the page is', () => {
    const view = makeView();
    view.reset(rows(range(1, 1000)), noFilter);
    view.scan(() => true);
    expect(view.at(0)?.n).toBe(1000);
    expect(view.scanning).toBe(true);
  });

  test('counts new calls while it is held, and shows them afterwards', () => {
    const view = makeView();
    view.append(rows([1, 2]));
    view.hold();
    view.append(rows([3, 4, 5]));
    expect(shown(view)).toEqual([2, 1]);
    expect(view.waiting).toBe(3);
    view.release();
    expect(shown(view)).toEqual([5, 4, 3, 2, 1]);
    expect(view.waiting).toBe(0);
  });

  test('stays held when the filter changes', () => {
    const view = makeView();
    const all = rows(range(1, 6));
    view.append(all.slice(0, 4));
    view.hold();
    view.append(all.slice(4));
    view.reset(all, noFilter);
    view.scan(() => false);
    expect(shown(view)).toEqual([4, 3, 2, 1]);
    expect(view.waiting).toBe(2);
  });

  test('shows the same rows as a plain filter after any sequence of events', () => {
    const methods = ['GET', 'POST', 'PUT'];
    const step = fc.oneof(
      fc.record({
        do: fc.constant('come' as const),
        methods: fc.array(fc.constantFrom(...methods)),
      }),
      fc.record({ do: fc.constant('filter' as const), by: fc.subarray(methods) }),
      fc.record({ do: fc.constant('scan' as const), steps: fc.nat(2) }),
      fc.record({ do: fc.constant('hold' as const) }),
      fc.record({ do: fc.constant('clear' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = makeRows();
        const view = makeView();
        let filter: Filter = noFilter;
        let n = 0;
        for (const one of steps) {
          if (one.do === 'come') {
            const came = one.methods.map((method) => row({ n: ++n, method }));
            view.append(store.append(came));
          } else if (one.do === 'filter') {
            filter = { ...noFilter, methods: new Set(one.by) };
            view.reset(store.all, filter);
          } else if (one.do === 'scan') {
            let left = one.steps;
            view.scan(() => left-- <= 0);
          } else if (one.do === 'hold') view.hold();
          else {
            store.clear(Math.floor(n / 2));
            view.reset(store.all, filter);
          }
        }
        view.scan(() => false);
        view.release();
        const wanted = (each: Row) => filter.methods.size === 0 || filter.methods.has(each.method);
        expect(shown(view)).toEqual(
          store.all
            .filter(wanted)
            .map((each) => each.n)
            .toReversed(),
        );
        for (const each of store.all.filter(wanted)) {
          expect(view.at(view.indexOf(each.n))?.n).toBe(each.n);
        }
      }),
    );
  });
});

describe('rows', () => {
  test('that arrive again after a reconnect are stored once', () => {
    const store = makeRows();
    store.append(rows([1, 2, 3]));
    expect(store.append(rows([2, 3, 4])).map(({ n }) => n)).toEqual([4]);
    expect(store.all.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
    expect(store.last).toBe(4);
  });

  test('that were cleared are removed, and their numbers are not reused', () => {
    const store = makeRows();
    store.append(rows([1, 3, 5]));
    store.clear(3);
    expect(store.all.map(({ n }) => n)).toEqual([5]);
    expect(store.append(rows([3]))).toEqual([]);
    store.restart();
    expect(store.append(rows([1])).map(({ n }) => n)).toEqual([1]);
  });
});

describe('the history', () => {
  /** A scheduler whose steps run on request. */
  function manualSchedule() {
    const due: (() => void)[] = [];
    let time = 0;
    const schedule: Schedule = {
      frame: (run) => void due.push(run),
      idle: (run) => void due.push(run),
      now: () => {
        time += 5;
        return time;
      },
    };
    const runAll = () => {
      for (let run = due.shift(); run; run = due.shift()) run();
    };
    return { schedule, due, runAll };
  }

  test('draws once for all rows of a frame', () => {
    const { schedule, runAll } = manualSchedule();
    const history = makeHistory(schedule);
    history.receive(rows([1]), true);
    history.receive(rows([2]), false);
    expect(history.version.get()).toBe(0);
    runAll();
    expect(history.version.get()).toBe(1);
    expect(history.loading.get()).toBe(false);
  });

  test('filters in steps that leave the page responsive', () => {
    const { schedule, due, runAll } = manualSchedule();
    const history = makeHistory(schedule);
    history.receive(rows(range(1, 5000)), false);
    runAll();
    history.filter.set({ ...noFilter, text: 'api' });
    expect(history.view.length).toBeLessThan(5000);
    expect(due.length).toBeGreaterThan(0);
    runAll();
    expect(history.view.length).toBe(5000);
  });

  test('holds while the reader is away from the top or has paused it', () => {
    const { schedule, runAll } = manualSchedule();
    const history = makeHistory(schedule);
    history.receive(rows([1]), false);
    runAll();
    history.away.set(true);
    history.paused.set(true);
    history.receive(rows([2]), false);
    runAll();
    history.away.set(false);
    expect(history.view.waiting).toBe(1);
    history.paused.set(false);
    expect(history.view.waiting).toBe(0);
    expect(shown(history.view)).toEqual([2, 1]);
  });

  test('moves nothing when scrolling is reported after a call has arrived', () => {
    const { schedule, runAll } = manualSchedule();
    const history = makeHistory(schedule);
    history.receive(rows([1]), false);
    runAll();
    history.receive(rows([2]), false);
    history.away.set(true);
    runAll();
    expect(shown(history.view)).toEqual([1]);
    expect(history.view.waiting).toBe(1);
  });

  test('includes the rows of the next frame when it is filtered', () => {
    const { schedule } = manualSchedule();
    const history = makeHistory(schedule);
    history.receive(rows([1, 2]), false);
    // After a reconnect they may come again.
    history.receive(rows([2, 3]), false);
    history.filter.set({ ...noFilter, text: 'api' });
    expect(shown(history.view)).toEqual([3, 2, 1]);
  });

  test('says that there is nothing only when nothing has arrived', () => {
    const { schedule, runAll } = manualSchedule();
    const history = makeHistory(schedule);
    history.receive(rows([1]), true);
    history.settle();
    expect(history.loading.get()).toBe(true);
    runAll();
    history.clear(1);
    history.receive([], false);
    runAll();
    expect(history.loading.get()).toBe(false);
  });

  test('removes what was cleared', () => {
    const { schedule, runAll } = manualSchedule();
    const history = makeHistory(schedule);
    history.receive(rows([1, 2, 3]), false);
    expect(history.clear(0)).toBe(false);
    expect(history.clear(2)).toBe(true);
    runAll();
    expect(shown(history.view)).toEqual([3]);
  });
});
