import { expect, test } from 'vitest';
import { makeView } from '../../src/page/history/view.ts';
import { makeListKeys } from '../../src/page/list/list-keys.ts';
import { allTicked, makeSelection } from '../../src/page/selection.ts';
import { rows } from './rows.ts';

function viewOf(numbers: number[]) {
  const view = makeView();
  view.append(rows(numbers));
  return view;
}

test('ticks one row, ticks a range in either direction, and unticks ranges', () => {
  const view = viewOf([1, 2, 3, 4, 5, 6]);
  const selection = makeSelection();
  selection.tick(2);
  selection.tickRange(4, view);
  expect([...selection.ticked].sort()).toEqual([2, 3, 4]);
  selection.tick(4);
  selection.tickRange(3, view);
  expect([...selection.ticked]).toEqual([2]);
});

test('a range begins at its own row when nothing was ticked or the first row is hidden', () => {
  const selection = makeSelection();
  selection.tickRange(3, viewOf([1, 2, 3]));
  expect([...selection.ticked]).toEqual([3]);
  selection.tick(1);
  selection.tickRange(5, viewOf([4, 5, 6]));
  expect([...selection.ticked].sort()).toEqual([1, 3, 5]);
});

test('ticks all rows that are shown, then unticks them, and other rows keep their ticks', () => {
  const view = viewOf([2, 3]);
  const selection = makeSelection();
  selection.tick(1);
  selection.tickShown(view);
  expect([...selection.ticked].sort()).toEqual([1, 2, 3]);
  expect(allTicked(selection.ticked, view)).toBe(true);
  selection.tickShown(view);
  expect([...selection.ticked]).toEqual([1]);
});

test('removes what was cleared', () => {
  const selection = makeSelection();
  selection.tick(1);
  selection.tick(9);
  selection.opened.set(1);
  selection.active.set(9);
  selection.clear(5);
  expect([...selection.ticked]).toEqual([9]);
  expect(selection.opened.get()).toBeUndefined();
  expect(selection.active.get()).toBe(9);
});

test('keys begin at the newest call', () => {
  const selection = makeSelection();
  const keys = makeListKeys(viewOf([1, 2, 3]), selection, (run) => run());
  keys.open();
  expect(selection.opened.get()).toBe(3);
});

test('keys move through the rows that are shown, and open details follow', () => {
  const selection = makeSelection();
  const focused: number[] = [];
  const keys = makeListKeys(viewOf([1, 3, 5]), selection, (run) => run());
  keys.attach({ focus: (n) => void focused.push(n), pageSize: () => 2 });
  keys.move(1);
  keys.move(1);
  expect(selection.opened.get()).toBeUndefined();
  keys.open();
  keys.move(1);
  keys.move(1);
  expect(focused).toEqual([5, 3, 1, 1]);
  expect(selection.opened.get()).toBe(1);
  keys.tick(false);
  keys.move(-2);
  keys.tick(true);
  expect([...selection.ticked].sort()).toEqual([1, 3, 5]);
});
