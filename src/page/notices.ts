import { type Observable, observable } from './observable.ts';

/** A message that is shown for a while. */
type Notice = {
  readonly id: number;
  readonly text: string;
  /** A failure stays until it is dismissed. */
  readonly failed: boolean;
};

export type Notices = {
  readonly shown: Observable<readonly Notice[]>;
  say(text: string): void;
  fail(text: string): void;
  dismiss(id: number): void;
};

const SHOWN_MS = 5000;
const MOST = 3;

/** Keeps the notices that are shown. The oldest is removed when there are too many. */
export function makeNotices(): Notices {
  const shown = observable<readonly Notice[]>([]);
  let lastId = 0;
  const dismiss = (id: number) => shown.set(shown.get().filter((one) => one.id !== id));
  const add = (text: string, failed: boolean): number => {
    lastId += 1;
    const others = shown.get().filter((one) => one.text !== text);
    shown.set([...others, { id: lastId, text, failed }].slice(-MOST));
    return lastId;
  };
  return {
    shown,
    dismiss,
    say(text) {
      const id = add(text, false);
      setTimeout(() => dismiss(id), SHOWN_MS);
    },
    fail: (text) => void add(text, true),
  };
}
