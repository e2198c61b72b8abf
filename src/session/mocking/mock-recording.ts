import type { Observer, Recording } from '../../exchange.ts';
import { readRecordedOptions } from '../../options/recorded.ts';
import type { RunningProxy } from '../../proxy/index.ts';
import type { Deadline } from '../../sinks/sink.ts';
import type { ClientAddress } from '../../sync/push/address.ts';
import type { Log } from '../../terminal/log.ts';
import type { Style } from '../../terminal/style.ts';
import { startClientView } from '../delivery/client-view.ts';
import type { ComparisonOptions } from '../marks/comparison-options.ts';
import { beginRecording, endRecording } from '../recording/command-recording.ts';
import { addingMissedCalls } from './missed-calls.ts';

export type MockRecordingOptions = {
  readonly home: string;
  readonly log: Log;
  readonly style: Style;
  /** The recording that missed calls are added to, and its file; undefined for none. */
  readonly addTo: { readonly path: string; readonly recording: Recording } | undefined;
  /** The client that shows the calls; undefined for none. */
  readonly client: ClientAddress | undefined;
  /** The name of the run in the page. */
  readonly name: string;
  readonly compared: ComparisonOptions;
};

/** What passes through a mock, while it is recorded. */
export type MockRecording = {
  readonly observer: Observer;
  /** Rejects when calls can no longer be recorded. */
  readonly stopped: Promise<never>;
  /** The proxy listens. */
  begin(proxy: RunningProxy): void;
  /** Ends the recording: missed calls are added, the client gets the rest. */
  finish(deadline: Deadline): Promise<void>;
  /** Ends after a failure. Calls that were to be added stay in the journal. */
  discard(hurry: AbortSignal): Promise<void>;
};

/**
 * Records what passes through a mock, to add missed calls to its recording, or to show all calls in a running client.
 *
 * @throws UserError (exit code 2) for a recording that nothing can be added to
 */
export async function recordMock({
  home,
  log,
  style,
  addTo,
  client,
  name,
  compared,
}: MockRecordingOptions): Promise<MockRecording> {
  const options = readRecordedOptions({});
  const made = await beginRecording(home, { outputs: [] }, options, { log, style });
  const { journal, recorder, stopped } = made;
  try {
    const addMissed = addTo && (await addingMissedCalls(addTo.path, addTo.recording, made, log));
    const shown = { home, name, secrets: options, proto: [], compared };
    const view = client && startClientView(made, { ...shown, client }, log);
    return {
      observer: recorder,
      stopped,
      begin: (proxy) => view?.begin(proxy),
      async finish(deadline) {
        await endRecording(made);
        await Promise.all([addMissed?.(), view?.finish(deadline)]);
        await journal.remove();
      },
      async discard(hurry) {
        await view?.finish({ graceMs: 0, hurry });
        if (addTo === undefined || recorder.counts.recorded === 0) await journal.remove();
      },
    };
  } catch (error) {
    await journal.remove();
    throw error;
  }
}
