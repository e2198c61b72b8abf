import { ignoredPlaces } from '../../calls/ignored.ts';
import { type Comparison, compareRecordings } from '../../compare/comparison.ts';
import { countedDifferences, lineReport, textReport } from '../../compare/report.ts';
import type { Recording } from '../../exchange.ts';
import type { Log } from '../../terminal/log.ts';
import { styleOf } from '../../terminal/style.ts';
import { openRecordings } from '../inputs.ts';

/** Measures a recording against another one. */
export type RecordingCheck = {
  compare(recording: Recording): Promise<Comparison>;
  /** Closes the recording that is right. */
  close(): Promise<void>;
  /** Prints what differs on standard output, or in the log where that carries a document. */
  report(comparison: Comparison, dataOnStdout: boolean, log: Log): void;
};

/**
 * Opens the recording that is right (`--check`).
 *
 * @param ignore names and paths that may differ
 * @throws UserError (exit code 2) when there is no such recording
 */
export async function openCheck(path: string, ignore: readonly string[]): Promise<RecordingCheck> {
  // What cannot be read is told before anything is recorded. It stays open, since standard input can be read only once.
  const {
    recordings: [yardstick],
    close,
  } = await openRecordings([path]);
  const isIgnored = ignoredPlaces(ignore);
  return {
    compare: (recording) => compareRecordings(yardstick ?? recording, recording, { isIgnored }),
    close,
    report(comparison, dataOnStdout, log) {
      const { findings } = comparison;
      if (dataOnStdout)
        for (const line of lineReport(comparison).split('\n')) line && log.warn({}, line);
      else {
        const { color } = styleOf(process.stdout);
        const isTerminal = process.stdout.isTTY === true;
        process.stdout.write(textReport(comparison, { isTerminal, color }));
      }
      const differences = countedDifferences(comparison);
      log.info({ differences: findings.length }, `Compared with ${path}: ${differences}.`);
    },
  };
}
