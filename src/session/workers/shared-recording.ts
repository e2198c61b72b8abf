import type { WorkersOption } from '../../options/workers.ts';
import { countExchanges } from '../../record/journal-reader.ts';
import type { JournalOwner } from '../../record/journals.ts';
import type { RecorderCounts } from '../../record/recorder.ts';
import type { Log } from '../../terminal/log.ts';
import type { BrowserLaunch } from '../launch.ts';
import type { AskTypes } from '../message-types.ts';
import { type CommandRecording, createJournal } from '../recording/command-recording.ts';
import { type RecordingReport, receivedError, type WorkerOrder } from './messages.ts';
import { createPool, type Pool } from './pool.ts';
import { createWorkerStreams } from './worker-streams.ts';

/** A recording that several processes make. */
export type SharedRecording = CommandRecording & { readonly pool: Pool<RecorderCounts> };

export type SharedRecordingOptions = {
  readonly home: string;
  readonly owner: Pick<JournalOwner, 'outputs' | 'session'>;
  readonly workers: WorkersOption;
  /** How many bytes of each body are kept. */
  readonly maxBody: number;
  readonly browser: BrowserLaunch | undefined;
  readonly askTypes: AskTypes;
  readonly log: Log;
};

const none: RecorderCounts = { recorded: 0, filtered: 0, incomplete: 0 };

/**
 * Prepares a recording that several processes make: each has a segment of the journal. They are started by its pool.
 *
 * @throws UserError when pmproxy's home folder cannot be written
 */
export async function beginSharedRecording({
  workers: { count, given },
  ...options
}: SharedRecordingOptions): Promise<SharedRecording> {
  const { home, owner, maxBody, browser, askTypes, log } = options;
  const { journal, broken, stopped } = await createJournal(home, owner, log, count);
  const streams = createWorkerStreams();
  const clock = { beganAt: process.hrtime.bigint(), workers: count };

  const onReport = (
    worker: number,
    report: RecordingReport,
    reply: (order: WorkerOrder) => void,
  ) => {
    if (report.type === 'written') journal.tellFollowers();
    else if (report.type === 'streams')
      void streams.take(worker, report.news).then(() => reply({ type: 'streams taken' }));
    else if (report.type === 'service') askTypes?.(report.url, report.service);
    else if (report.type === 'broken') journal.fail(receivedError(report.error));
    else journal.vanish();
  };
  const folderOf = (worker: number) => journal.segments[worker - 1]?.folder ?? journal.folder;
  const pool = createPool<RecorderCounts>({
    count,
    given,
    none,
    log,
    keptWork: 'What it recorded is kept. ',
    taskOf: (worker) => ({
      kind: 'record',
      worker,
      clock,
      segment: folderOf(worker),
      startedAt: journal.startedAt,
      maxBody,
      browser,
      isFollowed: journal.isFollowed,
      showsStreams: streams.isWatched,
      asksTypes: askTypes !== undefined,
    }),
    onReport,
    onLost(worker, counts) {
      streams.lose(worker);
      journal.tellFollowers();
      // It may have written more than it has reported.
      return journal.isGone ? counts : { ...counts, recorded: countExchanges(folderOf(worker)) };
    },
  });
  return {
    journal,
    recorder: {
      get counts() {
        return pool.counts;
      },
      // Workers finish what they record before they end.
      finish: async () => {},
    },
    streams,
    broken,
    stopped,
    pool,
  };
}
