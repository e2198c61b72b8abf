import { v1Requests } from '../exporters/postman-v1/request.ts';
import type { RecordedOptions } from '../options/recorded.ts';
import { startLegacySender } from '../sinks/legacy-tcp.ts';
import type { Log } from '../terminal/log.ts';
import { counted } from '../terminal/summary.ts';
import type { CommandRecording } from './recording.ts';

/** Sends what is recorded to the ancestor's app besides (`--tcp-connection`). */
export type RunningLegacy = {
  /**
   * Sends what is left for at most `graceMs`, unless `hurry` is aborted, and says what came of it. Once; after that it
   * waits for the same end.
   */
  finish(graceMs: number, hurry: AbortSignal): Promise<void>;
};

/**
 * Begins to send a recording to the app there.
 *
 * @param name of the collection that the calls belong to
 * @returns something that does nothing where there is no app
 */
export function startLegacy(
  app: { readonly host: string; readonly port: number } | undefined,
  { journal }: CommandRecording,
  name: string,
  { restrictedHeaders, secrets, redact }: RecordedOptions,
  log: Log,
): RunningLegacy {
  if (app === undefined) return { finish: async () => {} };
  const place = `${app.host}:${app.port}`;
  const sender = startLegacySender({
    ...app,
    folder: journal.folder,
    encode: v1Requests({ name, restrictedHeaders, secrets, redact }),
    onWarning: (message) => log.warn({}, message),
  });
  journal.whenWritten(sender.written);
  const end = async (graceMs: number, hurry: AbortSignal) => {
    const signal = AbortSignal.any([AbortSignal.timeout(graceMs), hurry]);
    const { taken, missed } = await sender.finish(signal);
    if (taken > 0) log.info({ taken }, `Sent ${counted(taken, 'call')} to ${place}`);
    // That it takes none has been a warning already, and there is to be one.
    if (missed > 0) log.info({ missed }, `${place} did not take ${counted(missed, 'call')}.`);
  };
  let ended: Promise<void> | undefined;
  return {
    finish(graceMs, hurry) {
      ended ??= end(graceMs, hurry);
      return ended;
    },
  };
}
