import { randomUUID } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { RunningProxy } from '../../proxy/index.ts';
import type { Sink } from '../../sinks/sink.ts';
import type { ClientAddress } from '../../sync/push/address.ts';
import type { SecretsOptions } from '../../sync/push/encoding.ts';
import { maxNameLength } from '../../sync/wire/protocol.ts';
import type { Log } from '../../terminal/log.ts';
import { counted } from '../../terminal/summary.ts';
import { version } from '../../version.ts';
import type { ComparisonOptions } from '../marks/comparison-options.ts';
import type { CommandRecording } from '../recording/command-recording.ts';
import { startDelivery } from './delivery.ts';

export type ClientViewOptions = {
  readonly home: string;
  readonly client: ClientAddress;
  /** The name of the recording in the page. */
  readonly name: string;
  readonly secrets: SecretsOptions;
  /** The files of `--proto`. */
  readonly proto: readonly string[];
  /** Where the delivery thread asks for types, with `--grpc-reflection`. */
  readonly types?: MessagePort | undefined;
  /** How the calls are judged. */
  readonly compared?: ComparisonOptions | undefined;
};

/** A running client that shows what a command records. The recording does not depend on it. */
export type ClientView = Sink & {
  /** The proxy listens, and calls are pushed from now on. */
  begin(proxy: RunningProxy): void;
};

/** Shows a recording in a running client while it is made. */
export function startClientView(
  recording: CommandRecording,
  { home, client, name, secrets, proto, types, compared }: ClientViewOptions,
  log: Log,
): ClientView {
  const { journal } = recording;
  const delivery = startDelivery(
    recording,
    {
      ...secrets,
      home,
      client,
      proto,
      embedded: undefined,
      onlyThis: true,
      ...(types && { types }),
      ...(compared && { compared }),
    },
    log,
    ({ url }) => log.info({ page: url }, `Shown in ${url}`),
  );
  let ended: Promise<void> | undefined;
  return {
    begin({ url: proxy }) {
      const session = { id: randomUUID(), name: name.slice(0, maxNameLength), version, proxy };
      delivery.begin({ ...session, startedAt: journal.startedAt });
    },
    finish(deadline) {
      ended ??= delivery.finish(deadline).then((delivered) => {
        const left = delivered?.undelivered ?? 0;
        if (left > 0) log.warn({ left }, `${counted(left, 'call')} not shown in the client.`);
      });
      return ended;
    },
  };
}
