import type { App } from './app.ts';
import { FILTER_BOX } from './controls/filter-bar.tsx';
import type { ListKeys } from './list/list-keys.ts';

/** Listens for the keyboard shortcuts of the page, which work outside text boxes. Returns a function that ends this. */
export function listenForKeys(app: App, list: ListKeys): () => void {
  const { history, selection, overview, clearing, dialog } = app;
  const actions: Readonly<Record<string, () => void>> = {
    j: () => list.move(1),
    k: () => list.move(-1),
    ArrowDown: () => list.move(1),
    ArrowUp: () => list.move(-1),
    p: () => history.paused.set(!history.paused.get()),
    o: () => overview.set(!overview.get()),
    c: () =>
      app.command({ type: app.client.get()?.connected === false ? 'connect' : 'disconnect' }),
    '/': () => document.getElementById(FILTER_BOX)?.focus(),
    '?': () => dialog.set({ kind: 'help' }),
    Escape: () => {
      if (clearing.get()) clearing.set(false);
      else if (selection.opened.get() !== undefined) selection.opened.set(undefined);
      else if (overview.get()) overview.set(false);
      else return;
      list.focusActive();
    },
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    // In a dialog, the shortcuts are off.
    if (dialog.get() !== undefined) return;
    const target = event.target as HTMLElement;
    if (isTyping(target)) {
      if (event.key === 'Escape') list.focusActive();
      if (event.key === 'Escape' || event.key === 'Enter') target.blur();
      return;
    }
    // Without a focused element, keys go to the list.
    if (target === document.body) list.onKeyDown(event);
    if (event.defaultPrevented) return;
    // Arrow keys scroll the focused element.
    if (event.key.startsWith('Arrow') && target !== document.body) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}

function isTyping(target: HTMLElement): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
