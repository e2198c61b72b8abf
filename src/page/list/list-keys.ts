import type { View } from '../history/view.ts';
import type { Selection } from '../selection.ts';

/** What the keys need of the list as it is drawn. */
type DrawnList = {
  /** Brings a call into view and gives it the focus. */
  focus(n: number): void;
  /** How many calls there is room for. */
  pageSize(): number;
};

/** What a KeyboardEvent says, as far as it matters here. */
type KeyPress = {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  preventDefault(): void;
  stopPropagation(): void;
};

/** What keys do in the list. */
export type ListKeys = {
  attach(list: DrawnList): void;
  /** For a key that was pressed at a call. */
  onKeyDown(press: KeyPress): void;
  /** Goes so many calls down, or up. */
  move(by: number): void;
  /** Gives the focus back to the call at which the reader is. */
  focusActive(): void;
  open(): void;
  tick(extend: boolean): void;
};

/**
 * Walks through the calls that are shown. Where details are shown, they follow.
 * @param drawn runs something when the list shows what has changed.
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
