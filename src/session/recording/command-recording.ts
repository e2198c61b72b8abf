import { describeError, UserError } from '../../errors.ts';
import { journalsFolder } from '../../home.ts';
import type { RecordedOptions } from '../../options/recorded.ts';
import { compileFilters } from '../../record/filters.ts';
import { Journal } from '../../record/journal.ts';
import { type OpenJournal, openJournal } from '../../record/journal-reader.ts';
import type { JournalOwner } from '../../record/journals.ts';
import { LiveStreams } from '../../record/live-streams.ts';
import { createRecorder, type Recorder, type RecorderOptions } from '../../record/recorder.ts';
import type { Log } from '../../terminal/log.ts';
import type { Style } from '../../terminal/style.ts';
import { version } from '../../version.ts';
import { exchangeLogger, streamLogger } from '../exchange-log.ts';

/** A recording that a command makes. */
export type CommandRecording = {
  readonly journal: Journal;
  readonly recorder: Pick<Recorder, 'counts' | 'finish'>;
  /** The streams that run. */
  readonly streams: Pick<LiveStreams, 'watch'>;
  /** Rejects when the journal can no longer be written. */
  readonly broken: Promise<never>;
  /** Also rejects when the journal's folder was removed, which is logged at once. What was recorded can still be read. */
  readonly stopped: Promise<never>;
};

/** A recording that this process makes itself. */
export type OwnRecording = CommandRecording & { readonly recorder: Recorder };

type Shown = { readonly log: Log; readonly style: Style };

/**
 * Begins a recording in a new journal, and logs each exchange when it ends, and each stream when it opens.
 *
 * @param owner the outputs or the session that the recording is for
 * @throws UserError when pmproxy's home folder cannot be written
 */
export async function beginRecording(
  home: string,
  owner: Pick<JournalOwner, 'outputs' | 'session'>,
  recorded: RecordedOptions,
  shown: Shown,
): Promise<OwnRecording> {
  const { journal, broken, stopped } = await createJournal(home, owner, shown.log);
  const { streams, recorder } = recordInto(journal, recorded, shown);
  return { journal, recorder, streams, broken, stopped };
}

/**
 * Creates a journal, and says when it can no longer be used.
 *
 * @param workers how many other processes write to it; without any, this process does
 * @throws UserError when pmproxy's home folder cannot be written
 */
export async function createJournal(
  home: string,
  owner: Pick<JournalOwner, 'outputs' | 'session'>,
  log: Log,
  workers = 0,
): Promise<Pick<CommandRecording, 'journal' | 'broken' | 'stopped'>> {
  const journal = await Journal.create(journalsFolder(home), { version, ...owner }, workers);
  const broken = new Promise<never>((_, reject) => {
    journal.onFailure = (error) => reject(journalFailure(journal, error));
  });
  const gone = new Promise<never>((_, reject) => {
    journal.onGone = (error) => {
      log.error({ journal: journal.folder }, `${error.message} ${error.hint}`);
      reject(error);
    };
  });
  const stopped = Promise.race([broken, gone]);
  for (const rejecting of [broken, gone, stopped]) rejecting.catch(() => {});
  return { journal, broken, stopped };
}

/** Records traffic into a journal, and logs each exchange when it ends, and each stream when it opens. */
export function recordInto(
  journal: Journal,
  recorded: RecordedOptions,
  { log, style }: Shown,
  extra: Pick<RecorderOptions, 'nextSeq'> = {},
): { readonly recorder: Recorder; readonly streams: LiveStreams } {
  const streams = new LiveStreams();
  if (log.isLevelEnabled('info')) streams.onBegun = streamLogger(log, style, recorded);
  const recorder = createRecorder({
    journal,
    streams,
    filters: compileFilters(recorded),
    maxBodyBytes: recorded.maxBody,
    responses: recorded.responses,
    ...(log.isLevelEnabled('info') && { onExchange: exchangeLogger(log, style, recorded) }),
    ...extra,
  });
  return { recorder, streams };
}

function journalFailure(journal: Journal, cause: Error): UserError {
  return new UserError(
    `Recording stopped: cannot write to ${journal.folder} (${describeError(cause)}).`,
    {
      cause,
      hint: 'Free some space, or choose another folder: PMPROXY_HOME=<folder>',
    },
  );
}

/**
 * Ends a recording. Exchanges in flight are recorded as unfinished, and everything is on disk. If the journal's folder was
 * removed, its files stay open.
 */
export async function endRecording({ journal, recorder, broken }: CommandRecording): Promise<void> {
  await Promise.race([recorder.finish(), broken]);
  await journal.look();
  if (!journal.isGone) await journal.close();
}

/**
 * Opens a recording that has ended for reading, even if its folder was removed. Bodies in files of their own are then lost.
 */
export function openRecorded(journal: Journal, log: Log): OpenJournal {
  if (!journal.isGone) return openJournal(journal.folder);
  const lost = new Set<string>();
  const reading = openJournal(journal.folder, {
    segments: journal.segments,
    onLostBody: (name) => lost.add(name),
  });
  return {
    ...reading,
    close() {
      reading.close();
      if (lost.size > 0)
        log.warn(
          {},
          `Bodies that were lost with the folder, and are written as empty: ${lost.size}`,
        );
    },
  };
}
