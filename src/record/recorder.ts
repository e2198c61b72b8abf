import type { Exchange, Observer } from '../exchange.ts';
import { InFlight } from '../in-flight.ts';
import { OpenExchange, type OpenExchangeOptions } from './open-exchange.ts';

export type RecorderOptions = OpenExchangeOptions & {
  /** Told about each recorded exchange when it is over and its bodies can be read. */
  readonly onExchange?: (exchange: Exchange) => void;
};

type Counts = {
  readonly recorded: number;
  readonly filtered: number;
  /** Of those recorded: failed, aborted or unfinished. */
  readonly incomplete: number;
};

/** Listens to the relay, puts exchanges together and appends them to the journal as each ends. */
export type Recorder = Observer & {
  readonly counts: Counts;
  /** Ends the recording: what is under way is recorded as unfinished, with what has come. */
  finish(): Promise<void>;
};

/** Makes a recorder that writes to this journal. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { journal, filters } = options;
  const counts = { recorded: 0, filtered: 0, incomplete: 0 };
  const open = new InFlight<OpenExchange>();
  // Exchanges that wait for a body of theirs to be in its file.
  let unstored = 0;
  let whenStored: (() => void) | undefined;
  let seq = 0;
  return {
    counts,
    get congested() {
      return journal.congested;
    },
    onceDrained: (resume) => journal.onceDrained(resume),
    begin(head) {
      seq += 1;
      if (!filters.acceptsRequest(head.method, head.url)) {
        counts.filtered += 1;
        return undefined;
      }
      const tap = new OpenExchange(seq, head, options, (wanted) => {
        open.delete(tap);
        if (!wanted) {
          counts.filtered += 1;
          return;
        }
        counts.recorded += 1;
        if (!tap.isComplete) counts.incomplete += 1;
        unstored += 1;
        tap.store(() => {
          options.onExchange?.(tap.exchange());
          unstored -= 1;
          if (unstored === 0) whenStored?.();
        });
      });
      open.add(tap);
      return tap;
    },
    stop() {
      for (const tap of open.list()) tap.stop();
    },
    async finish() {
      this.stop();
      if (unstored > 0) {
        await new Promise<void>((resolve) => {
          whenStored = resolve;
        });
      }
      await journal.flush();
    },
  };
}
