import type { View } from '../history/view.ts';
import type { Selection } from '../selection.ts';

/** The operations on the drawn list that the keys need. */
type DrawnList = {
  /** Scrolls a call into view and focuses it. */
  focus(n: number): void;
  /** The number of calls on one screen. */
  pageSize(): number;
};

/** The parts of a KeyboardEvent that are used here. */
type KeyPress = {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  preventDefault(): void;
  stopPropagation(): void;
};

/** The keyboard actions of the list. */
export type ListKeys = {
  attach(list: DrawnList): void;
  /** Handles a key that was pressed on a call. */
  onKeyDown(press: KeyPress): void;
  /** Moves by this number of calls, up if it is negative. */
  move(by: number): void;
  /** Focuses the active call again. */
  focusActive(): void;
  open(): void;
  tick(extend: boolean): void;
};

/**
 * Creates the keys that move through the calls that are shown. Open details follow.
 * @param drawn runs a function once the list is redrawn.
 */
export function makeListKeys(
  view: View,
  selection: Selection,
  drawn: (run: () => void) => void,
): ListKeys {
  let list: DrawnList | undefined;
  const { active, opened } = selection;

  const goTo = (index: number) => {
    const row = view.at(Math.max(0, Math.min(view.length - 1, index)));
    if (!row) return;
    active.set(row.n);
    if (opened.get() !== undefined) opened.set(row.n);
    // The row may not be in the document yet.
    drawn(() => list?.focus(row.n));
  };
  const here = () => view.indexOf(active.get() ?? 0);
  const move = (by: number) => goTo(here() < 0 ? 0 : here() + by);
  const page = () => list?.pageSize() ?? 1;
  const keys: ListKeys = {
    attach(attached) {
      list = attached;
    },
    move,
    focusActive() {
      const n = active.get();
      // The list may be covered until then.
      if (n !== undefined) drawn(() => list?.focus(n));
    },
    open() {
      const n = active.get() ?? view.at(0)?.n;
      active.set(n);
      opened.set(n);
    },
    tick(extend) {
      const n = active.get() ?? view.at(0)?.n;
      if (n === undefined) return;
      active.set(n);
      if (extend) selection.tickRange(n, view);
      else selection.tick(n);
    },
    onKeyDown(press) {
      if (press.ctrlKey || press.metaKey || press.altKey) return;
      const action = actions[press.key];
      if (!action) return;
      press.preventDefault();
      press.stopPropagation();
      action(press.shiftKey);
    },
  };
  const actions: Readonly<Record<string, (shift: boolean) => void>> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => move(page()),
    PageUp: () => move(-page()),
    Home: () => goTo(0),
    End: () => goTo(view.length - 1),
    Enter: () => keys.open(),
    ' ': (shift) => keys.tick(shift),
  };
  return keys;
}
