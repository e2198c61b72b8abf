import type { Exchange, Observer } from '../exchange.ts';
import { InFlight } from '../in-flight.ts';
import { OpenExchange, type OpenExchangeOptions } from './open-exchange.ts';

export type RecorderOptions = OpenExchangeOptions & {
  /** Called with each recorded exchange when it has ended and its bodies can be read. */
  readonly onExchange?: (exchange: Exchange) => void;
  /** Numbers the exchanges as they begin; from 1 by default. */
  readonly nextSeq?: () => number;
};

export type RecorderCounts = {
  readonly recorded: number;
  readonly filtered: number;
  /** How many of the recorded exchanges failed, were aborted or are unfinished. */
  readonly incomplete: number;
};

/** Builds exchanges from what the relay reports, and appends each to the journal when it ends. */
export type Recorder = Observer & {
  readonly counts: RecorderCounts;
  /** Ends the recording. Exchanges in flight are recorded as unfinished, with what has arrived. */
  finish(): Promise<void>;
};

/** Creates a recorder that writes to a journal. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { journal, filters } = options;
  const counts = { recorded: 0, filtered: 0, incomplete: 0 };
  const open = new InFlight<OpenExchange>();
  // Exchanges that have ended and wait until their bodies are written.
  let unstored = 0;
  let whenStored: (() => void) | undefined;
  const nextSeq = options.nextSeq ?? countFrom1();
  return {
    counts,
    get congested() {
      return journal.congested;
    },
    onceDrained: (resume) => journal.onceDrained(resume),
    begin(head) {
      const seq = nextSeq();
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

function countFrom1(): () => number {
  let seq = 0;
  return () => {
    seq += 1;
    return seq;
  };
}
