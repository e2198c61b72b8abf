import { describeError, UserError } from '../../errors.ts';
import { journalsFolder } from '../../home.ts';
import type { RecordedOptions } from '../../options/recorded.ts';
import { compileFilters } from '../../record/filters.ts';
import { Journal } from '../../record/journal.ts';
import { type OpenJournal, openJournal } from '../../record/journal-reader.ts';
import type { JournalOwner } from '../../record/journals.ts';
import { createRecorder, type Recorder } from '../../record/recorder.ts';
import type { Log } from '../../terminal/log.ts';
import type { Style } from '../../terminal/style.ts';
import { version } from '../../version.ts';
import { exchangeLogger } from '../exchange-log.ts';

/** A recording that a command makes. */
export type CommandRecording = {
  readonly journal: Journal;
  readonly recorder: Recorder;
  /** Rejects when the disk takes no more. */
  readonly broken: Promise<never>;
  /** Rejects as well when the journal's folder was removed, which is said at once: what was recorded can still be read. */
  readonly stopped: Promise<never>;
};

/**
 * Begins a recording in a new journal, and shows each exchange as it ends.
 *
 * @param owner what is to become of it
 * @throws UserError when pmproxy's home folder cannot be written
 */
export async function beginRecording(
  home: string,
  owner: Pick<JournalOwner, 'outputs' | 'session'>,
  recorded: RecordedOptions,
  { log, style }: { readonly log: Log; readonly style: Style },
): Promise<CommandRecording> {
  const journal = await Journal.create(journalsFolder(home), { version, ...owner });
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
  const recorder = createRecorder({
    journal,
    filters: compileFilters(recorded),
    maxBodyBytes: recorded.maxBody,
    responses: recorded.responses,
    ...(log.isLevelEnabled('info') && { onExchange: exchangeLogger(log, style, recorded) }),
  });
  return { journal, recorder, broken, stopped };
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
 * Ends a recording: what is under way is recorded as unfinished, and all of it is on disk. Where the journal's folder is
 * gone its files stay open.
 */
export async function endRecording({ journal, recorder, broken }: CommandRecording): Promise<void> {
  await Promise.race([recorder.finish(), broken]);
  await journal.look();
  if (!journal.isGone) await journal.close();
}

/** Reads what a recording has written, also where its folder is gone; bodies that had files of their own are then lost. */
export function openRecorded(journal: Journal, log: Log): OpenJournal {
  if (!journal.isGone) return openJournal(journal.folder);
  const lost = new Set<string>();
  const reading = openJournal(journal.folder, {
    ...journal.descriptors,
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
