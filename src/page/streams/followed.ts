import type { HarEntry, StreamPart } from '../../sync/wire/page-events.ts';
import { wholeEntry } from '../detail/entry.ts';
import { type Observable, observable } from '../observable.ts';
import { type CompletionText, makeCompletion } from './completion.ts';
import { operationNames } from './operations.ts';
import { type GivenPart, type ShownPart, shownPart } from './part.ts';

/** The parts of a stream that the page keeps: the latest ones. */
export type PartLog = {
  readonly parts: readonly ShownPart[];
  /** How many parts came before these and are not kept. */
  readonly before: number;
  /** The texts of a language model. */
  readonly texts: readonly CompletionText[];
};

/** Keeps the latest parts of a stream, within bounds. */
export type PartKeeper = PartLog & {
  add(parts: readonly GivenPart[]): void;
};

/** How much is kept of one stream: parts, and characters of their content. */
const MOST = { parts: 2000, characters: 4_000_000 };

/** Creates an empty log of parts. */
export function keepParts(most = MOST): PartKeeper {
  const completion = makeCompletion();
  const nameOf = operationNames();
  const kept: ShownPart[] = [];
  let before = 0;
  let characters = 0;
  return {
    parts: kept,
    get before() {
      return before;
    },
    get texts() {
      return completion.texts;
    },
    add(parts) {
      for (const part of parts) {
        const shown = shownPart(part, nameOf);
        kept.push(shown);
        characters += shown.body.text.length;
        completion.add(part.event?.data ?? part.line ?? '');
      }
      let gone = 0;
      while (kept.length - gone > most.parts || characters > most.characters) {
        characters -= kept[gone]?.body.text.length ?? 0;
        gone += 1;
      }
      kept.splice(0, gone);
      before += gone;
    },
  };
}

/** The stream whose details are open. */
export type Followed = {
  /** Its row number. */
  readonly n: number | undefined;
  /** Incremented whenever parts have come, at most once a frame. */
  readonly version: Observable<number>;
  /** As far as its head tells; undefined until it has come. */
  readonly entry: HarEntry | undefined;
  readonly log: PartLog;
  /** Follows another stream, or none. */
  follow(n: number | undefined): void;
  begin(n: number, entry: HarEntry): void;
  receive(n: number, before: number, parts: readonly StreamPart[]): void;
};

/**
 * Creates what follows one stream at a time.
 * @param frame runs a task before the next frame.
 */
export function makeFollowed(frame: (run: () => void) => void): Followed {
  let n: number | undefined;
  const version = observable(0);
  let entry: HarEntry | undefined;
  let keeper = keepParts();
  let missed = 0;
  let count = 0;
  let drawing = false;
  const draw = () => {
    if (drawing) return;
    drawing = true;
    frame(() => {
      drawing = false;
      version.set(version.get() + 1);
    });
  };
  const restart = () => {
    keeper = keepParts();
    missed = 0;
    count = 0;
  };
  return {
    version,
    get n() {
      return n;
    },
    get entry() {
      return entry;
    },
    get log() {
      return { parts: keeper.parts, before: keeper.before + missed, texts: keeper.texts };
    },
    follow(next) {
      entry = undefined;
      restart();
      n = next;
      draw();
    },
    begin(of, head) {
      if (of !== n) return;
      // After a reconnect, it begins again.
      restart();
      entry = wholeEntry(head);
      draw();
    },
    receive(of, before, parts) {
      if (of !== n) return;
      missed += Math.max(0, before - count);
      count = before + parts.length;
      keeper.add(parts);
      draw();
    },
  };
}
