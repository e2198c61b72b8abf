import { usageError } from '../../errors.ts';
import { type GrpcOptions, readGrpcOptions } from '../../options/grpc.ts';
import { type ProxyCommandOptions, readProxyOptions } from '../../options/proxy.ts';
import { type RecordedOptions, readRecordedOptions } from '../../options/recorded.ts';
import { type RewrittenOptions, readFilteringOptions } from '../../options/rewritten.ts';
import { type PushedOptions, readPushedOptions, readTcpOptions } from '../../options/sync.ts';
import { type ClientAddress, clientAddress } from '../../sync/push/address.ts';
import { maxBodyBytes } from '../../sync/wire/protocol.ts';
import type { LegacyApp } from '../recording/legacy-app.ts';

/** The values of the options of `pmproxy sync`. */
export type SyncOptions = {
  readonly pushed: PushedOptions;
  readonly grpc: GrpcOptions;
  readonly app: LegacyApp | undefined;
  /** Where the running client listens. */
  readonly client: ClientAddress;
  readonly recorded: RecordedOptions;
  readonly proxy: ProxyCommandOptions;
  readonly rewritten: RewrittenOptions | undefined;
};

/**
 * Reads the options of `pmproxy sync` from what commander collected.
 *
 * @throws UserError (exit code 2) for a bad value or options that contradict each other
 */
export function readSyncOptions(given: Readonly<Record<string, unknown>>): SyncOptions {
  const pushed = readPushedOptions(given);
  const recorded = readRecordedOptions(given);
  if (recorded.secrets === 'env') {
    throw usageError(
      '--secrets env needs an output file, and sync has none: write redact or keep.',
    );
  }
  const app = readTcpOptions(given);
  return {
    pushed,
    grpc: readGrpcOptions(given),
    app,
    client: clientBesides(app, clientAddress(pushed.client), given['client'] === undefined),
    recorded: { ...recorded, maxBody: Math.min(recorded.maxBody, maxBodyBytes) },
    proxy: readProxyOptions(given),
    rewritten: readFilteringOptions(given),
  };
}

/** The PostmanProxy app and the running client have the same default port, so the client makes way where it may. */
function clientBesides(
  app: LegacyApp | undefined,
  client: ClientAddress,
  isDefault: boolean,
): ClientAddress {
  if (app === undefined || client.hostname !== app.host || client.port !== app.port) return client;
  if (isDefault) return clientAddress(`ws://${client.hostname}:${client.port + 1}/capture`);
  throw usageError(
    `--tcp-connection and --client both mean ${app.host}:${app.port}, but only one of them can listen there.`,
    'Try: --tcp-port <n> or --client <url>',
  );
}
