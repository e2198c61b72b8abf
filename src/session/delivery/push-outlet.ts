import type { MessagePort } from 'node:worker_threads';
import type { PushedOptions } from '../../options/sync.ts';
import type { ClientAddress } from '../../sync/push/address.ts';
import type { SecretsOptions } from '../../sync/push/encoding.ts';
import type { Delivery } from '../../sync/push/producer.ts';
import type { Log } from '../../terminal/log.ts';
import { version } from '../../version.ts';
import { exitCodeOf, type RunEnd } from '../proxy-run.ts';
import type { CommandRecording } from '../recording/command-recording.ts';
import type { Outlet } from '../recording/record-traffic.ts';
import type { StopSignals } from '../signals.ts';
import { type Staying, startDelivery } from './delivery.ts';
import { logSummary, showPage } from './report.ts';

export type PushOutletOptions = {
  readonly home: string;
  readonly client: ClientAddress;
  readonly session: { readonly id: string; readonly name: string };
  readonly pushed: PushedOptions;
  readonly secrets: SecretsOptions;
  /** The files of `--proto`. */
  readonly proto: readonly string[];
  /** Where the delivery thread asks for types, with `--grpc-reflection`. */
  readonly types: MessagePort | undefined;
  /** What runs through the proxy. */
  readonly runs: 'browser' | 'command';
  /** How long the end waits for the client. */
  readonly graceMs: number;
};

/** Pushes a recording to a running client while it is made. What the client does not have stays in the journal. */
export function pushOutlet(
  recording: CommandRecording,
  options: PushOutletOptions,
  signals: StopSignals,
  log: Log,
): Outlet<Delivery | undefined> {
  const { journal, recorder } = recording;
  const { client, session, pushed, runs, graceMs } = options;
  const { hurry } = signals;
  const delivery = startDelivery(recording, deliveryOptions(options), log, (page) =>
    showPage(page, pushed.open, log),
  );
  const stop = async () => void (await delivery.finish({ graceMs: 0, hurry }));
  return {
    onReady({ url, authority }) {
      log.info({ proxy: url, ca: authority.files.cert }, `Recording through ${url}`);
      delivery.begin({ ...session, startedAt: journal.startedAt, version, proxy: url });
    },
    finish(end) {
      // Bodies are gone with the folder, and the log says so already.
      if (journal.isGone) return delivery.finish({ graceMs: 0, hurry });
      return delivery.finish({ graceMs, hurry }, stayingFor(end, runs, signals, log));
    },
    async sumUp(delivered, end) {
      if (journal.isGone) return 1;
      const isWhole = delivered?.undelivered === 0;
      if (isWhole) await journal.remove();
      const { counts } = recorder;
      logSummary({ counts, delivery: delivered, page: delivery.page, client }, log);
      return isWhole && end.command === undefined ? 0 : exitCodeOf(end, signals);
    },
    discard: stop,
    abandon: stop,
    keptMessage: 'What was recorded is kept; the next pmproxy sync delivers it.',
  };
}

function deliveryOptions({ home, client, pushed, secrets, proto, types }: PushOutletOptions) {
  const { history, collections, embedded, token = client.token } = pushed;
  return {
    home,
    proto,
    ...(types && { types }),
    client: { ...client, token },
    embedded: embedded ? { history, collections } : undefined,
    ...secrets,
  };
}

// A command may end before anybody has looked at the page that shows what it did.
function stayingFor(
  end: RunEnd,
  what: PushOutletOptions['runs'],
  signals: StopSignals,
  log: Log,
): Staying | undefined {
  if (end.command === undefined || signals.isStopping) return undefined;
  const isAttended = process.stderr.isTTY === true;
  const until = isAttended ? 'until Ctrl+C' : 'until it is closed, or Ctrl+C';
  return {
    stay: isAttended ? 'always' : 'watched',
    until: signals.first,
    onStay: () => log.info({}, `The ${what} has ended; its page stays ${until}.`),
  };
}
