import { describeError, UserError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { journalsFolder } from '../home.ts';
import type { RecordedOptions } from '../options/recorded.ts';
import { compileFilters } from '../record/filters.ts';
import { Journal } from '../record/journal.ts';
import type { JournalOwner } from '../record/journals.ts';
import { createRecorder, type Recorder } from '../record/recorder.ts';
import { exchangeFields, exchangeLine } from '../terminal/exchange-line.ts';
import type { Log } from '../terminal/log.ts';
import type { Style } from '../terminal/style.ts';
import { version } from '../version.ts';
import { logRedactor } from './log-redaction.ts';

/** A recording that a command makes. */
export type CommandRecording = {
  readonly journal: Journal;
  readonly recorder: Recorder;
  /** Rejects when the disk takes no more. */
  readonly broken: Promise<never>;
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
  broken.catch(() => {});
  const recorder = createRecorder({
    journal,
    filters: compileFilters(recorded),
    maxBodyBytes: recorded.maxBody,
    responses: recorded.responses,
    ...(log.isLevelEnabled('info') && { onExchange: exchangeLogger(log, style, recorded) }),
  });
  return { journal, recorder, broken };
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

function exchangeLogger(log: Log, style: Style, { secrets, redact }: RecordedOptions) {
  const withoutSecrets = logRedactor(secrets, redact);
  return (exchange: Exchange) => {
    const shown = withoutSecrets(exchange);
    log.info({ exchange: exchangeFields(shown), line: exchangeLine(shown, style) }, 'exchange');
  };
}

/** Ends a recording: what is under way is recorded as unfinished, and all of it is on disk. */
export async function endRecording({ journal, recorder, broken }: CommandRecording): Promise<void> {
  await Promise.race([recorder.finish().then(() => journal.close()), broken]);
}
