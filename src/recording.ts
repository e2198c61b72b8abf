import { describeError, UserError } from './errors.ts';
import type { Recording } from './exchange.ts';
import { withCalls } from './grpc/described-calls.ts';
import { homeFolder, journalsFolder } from './home.ts';
import { DEFAULTS } from './options/defaults.ts';
import { type ProxyOptions, startProxy } from './proxy/index.ts';
import { type Criteria, compileFilters, everything } from './record/filters.ts';
import { Journal } from './record/journal.ts';
import { openJournal } from './record/journal-reader.ts';
import { createRecorder } from './record/recorder.ts';
import { version } from './version.ts';

export type RecordingOptions = Partial<Omit<ProxyOptions, 'observer'>> & {
  /** Which exchanges are recorded; all when left out. */
  readonly criteria?: Partial<Criteria>;
  /** How much of each body is kept; the default of `--max-body` when left out. */
  readonly maxBodyBytes?: number;
};

/** A proxy that records, in this process. */
export type RunningRecording = {
  /** The proxy, `http://127.0.0.1:41873`. */
  readonly url: string;
  /** The PEM file that HTTPS clients must trust. */
  readonly ca: string;
  /**
   * Stops the proxy and gives what was recorded.
   *
   * @param graceMs how long to wait for exchanges in flight; the default of `--grace` when left out
   *
   * @throws UserError when the journal could not be written completely
   */
  stop(graceMs?: number): Promise<FinishedRecording>;
};

/** Exchanges in a journal on disk, until it is removed. */
export type FinishedRecording = Recording & { remove(): Promise<void> };

/**
 * Starts a recording proxy on a free port of this machine, as `pmproxy save` does.
 *
 * @throws UserError when the port is taken or pmproxy's home folder cannot be used
 */
export async function startRecording({
  home = homeFolder(),
  port = 0,
  criteria,
  bind = DEFAULTS.bind,
  timeoutMs = DEFAULTS.timeoutMs,
  maxBodyBytes = DEFAULTS.maxBodyBytes,
  ...options
}: RecordingOptions = {}): Promise<RunningRecording> {
  const journal = await Journal.create(journalsFolder(home), { version, outputs: [] });
  let failure: Error | undefined;
  journal.onFailure = (error) => {
    failure = error;
  };
  journal.onGone = journal.onFailure;
  const filters = compileFilters({ ...everything, ...criteria });
  const recorder = createRecorder({ journal, filters, maxBodyBytes, responses: true });
  try {
    const proxy = await startProxy({
      ...options,
      home,
      port,
      bind,
      timeoutMs,
      observer: recorder,
    });
    proxy.warmUp();
    return {
      url: proxy.url,
      ca: proxy.authority.files.cert,
      async stop(graceMs: number = DEFAULTS.graceMs) {
        await proxy.close(graceMs);
        await recorder.finish();
        await journal.close();
        if (failure) throw notWhole(journal.folder, failure);
        const { close, ...recorded } = openJournal(journal.folder);
        const { size, read } = withCalls(recorded);
        const remove = async () => {
          close();
          await journal.remove();
        };
        return { size, read, remove };
      },
    };
  } catch (error) {
    await journal.remove();
    throw error;
  }
}

function notWhole(folder: string, cause: Error): UserError {
  const message = `The recording is not whole: cannot write to ${folder} (${describeError(cause)}).`;
  return new UserError(message, { cause });
}
