import type { Observer } from '../../exchange.ts';
import { readRecordedOptions } from '../../options/recorded.ts';
import { readFilteringOptions, readRewrittenOptions } from '../../options/rewritten.ts';
import { compileFilters } from '../../record/filters.ts';
import { Journal } from '../../record/journal.ts';
import { createWatcher } from '../../record/watcher.ts';
import { workerSeqs } from '../../record/worker-seqs.ts';
import type { Rewriter } from '../../rewrite/rewriter.ts';
import type { Log } from '../../terminal/log.ts';
import type { Style } from '../../terminal/style.ts';
import { rewrittenLogger } from '../exchange-log.ts';
import { withoutOwnTraffic } from '../launch.ts';
import { type AskTypes, askingObserver } from '../message-types.ts';
import { recordInto } from '../recording/command-recording.ts';
import { rewriterFor } from '../rewriting.ts';
import {
  type RecordingTask,
  sentError,
  type WorkerCounts,
  type WorkerReport,
  type WorkerStart,
} from './messages.ts';

/** What a worker does with the traffic that passes. */
export type Work = {
  readonly observer: Observer;
  readonly rewriter: Rewriter | undefined;
  readonly counts: WorkerCounts;
  /** The last news of streams is dealt with, and more may be reported. */
  streamsTaken(): void;
  /** Writes what waits to be written, at once where that is possible. */
  flush(): void;
  /** Ends the work. Everything is on disk. */
  finish(): Promise<void>;
};

type Surroundings = {
  readonly log: Log;
  readonly style: Style;
  readonly report: (message: WorkerReport) => void;
};

/**
 * Prepares the work of a worker.
 *
 * @throws the error of the file system when the segment of the journal cannot be opened
 */
export async function beginWork(
  { task, given }: WorkerStart,
  surroundings: Surroundings,
): Promise<Work> {
  return task.kind === 'record'
    ? recording(task, given, surroundings)
    : filtering(given, surroundings);
}

async function recording(
  task: RecordingTask,
  given: WorkerStart['given'],
  { log, style, report }: Surroundings,
): Promise<Work> {
  const recorded = withoutOwnTraffic(
    { ...readRecordedOptions(given), maxBody: task.maxBody },
    task.browser,
  );
  const rewritten = readFilteringOptions(given);
  const journal = await Journal.openSegment(task.segment, task.startedAt);
  const failed = new Promise<void>((resolve) => {
    journal.onFailure = (error) => {
      report({ type: 'broken', error: sentError(error) });
      resolve();
    };
  });
  journal.onGone = () => report({ type: 'gone' });
  if (task.isFollowed) journal.whenWritten(() => report({ type: 'written' }));
  const nextSeq = workerSeqs(task.clock, task.worker);
  const { recorder, streams } = recordInto(journal, recorded, { log, style }, { nextSeq });
  let taken = () => {};
  if (task.showsStreams)
    streams.watch((news) => {
      report({ type: 'streams', news });
      return new Promise<void>((resolve) => {
        taken = resolve;
      });
    });
  return {
    observer: askingObserver(recorder, task.asksTypes ? serviceReporter(report) : undefined),
    rewriter: rewritten && rewriterFor(rewritten, () => true),
    get counts() {
      return recorder.counts;
    },
    streamsTaken: () => taken(),
    flush: () => void journal.flush(),
    async finish() {
      await Promise.race([recorder.finish(), failed]);
      await journal.close();
    },
  };
}

function filtering(given: WorkerStart['given'], { log, style }: Surroundings): Work {
  const limits = compileFilters(readRecordedOptions(given));
  const watcher = createWatcher(
    log.isLevelEnabled('info') ? rewrittenLogger(log, style) : undefined,
  );
  return {
    observer: watcher,
    rewriter: rewriterFor(readRewrittenOptions(given), limits.acceptsRequest),
    get counts() {
      return watcher.counts;
    },
    streamsTaken() {},
    flush() {},
    finish: async () => {},
  };
}

/** So many services are remembered. */
const mostServices = 1000;

/** Reports each service when it is called for the first time. */
function serviceReporter(report: Surroundings['report']): AskTypes {
  const reported = new Set<string>();
  return (url, service) => {
    const key = URL.canParse(url) ? `${new URL(url).origin} ${service}` : '';
    if (key === '' || reported.has(key) || reported.size >= mostServices) return;
    reported.add(key);
    report({ type: 'service', url, service });
  };
}
