import { v1Requests } from '../../exporters/postman-v1/request.ts';
import type { RecordedOptions } from '../../options/recorded.ts';
import { followJournal } from '../../record/journal-follower.ts';
import { sendToLegacyApp } from '../../sinks/legacy-tcp.ts';
import type { Sink } from '../../sinks/sink.ts';
import type { Log } from '../../terminal/log.ts';
import { counted } from '../../terminal/summary.ts';
import type { CommandRecording } from './command-recording.ts';

/** Where a PostmanProxy (2013) app listens. */
export type LegacyApp = { readonly host: string; readonly port: number };

/**
 * Begins to send a recording to the app of `--tcp-connection`; `finish` logs how many calls the app took.
 *
 * @param name of the collection that the calls belong to
 */
export function startLegacyApp(
  app: LegacyApp,
  { journal }: CommandRecording,
  name: string,
  { restrictedHeaders, secrets, redact }: RecordedOptions,
  log: Log,
): Sink {
  const address = `${app.host}:${app.port}`;
  const sink = sendToLegacyApp(followJournal(journal), {
    ...app,
    encode: v1Requests({ name, restrictedHeaders, secrets, redact }),
    onWarning: (message) => log.warn({}, message),
  });
  let hasReported = false;
  return {
    async finish(deadline) {
      const { taken, missed } = await sink.finish(deadline);
      if (hasReported) return;
      hasReported = true;
      if (taken > 0) log.info({ taken }, `Sent ${counted(taken, 'call')} to ${address}`);
      // Why the app does not accept calls was in a warning already.
      if (missed > 0) log.info({ missed }, `${address} did not take ${counted(missed, 'call')}.`);
    },
  };
}
