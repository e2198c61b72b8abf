import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { homeFolder } from '../home.ts';
import { grpcOptions } from '../options/grpc.ts';
import { proxyOptions } from '../options/proxy.ts';
import { recordedOptions } from '../options/recorded.ts';
import { filteringOptions } from '../options/rewritten.ts';
import { pushedOptions, tcpOptions } from '../options/sync.ts';
import { readWorkersOption, workersOptions } from '../options/workers.ts';
import { pushOutlet } from '../session/delivery/push-outlet.ts';
import { readSyncOptions } from '../session/delivery/sync-options.ts';
import { launchOf } from '../session/launch.ts';
import { messageTypes, typesPort } from '../session/message-types.ts';
import { openLog } from '../session/open-log.ts';
import { recordTraffic } from '../session/recording/record-traffic.ts';
import { maxNameLength } from '../sync/wire/protocol.ts';
import type { CommandCall, CommandModule } from './command.ts';

/** `pmproxy sync`: pushes what passes to a running client. */
export const syncCommand: CommandModule = {
  description:
    'Pushes the traffic that passes through the proxy to a running client (`pmproxy client`). If ' +
    'no client is running, starts one.',
  examples: [
    'pmproxy sync --open                a history that fills until Ctrl+C',
    'pmproxy sync -- npm test           push what a command sends',
    'pmproxy sync --browser             push what a browser sends',
    "pmproxy sync --client 'http://127.0.0.1:6000/?token=…'",
  ],
  options: {
    'Where it is pushed': pushedOptions,
    'PostmanProxy (2013) compatibility': tcpOptions,
    'What is recorded': recordedOptions,
    'How gRPC is read': grpcOptions,
    'What is rewritten': filteringOptions,
    'The proxy': { ...proxyOptions, ...workersOptions },
  },
  wrapsCommand: true,
  run: sync,
};

async function sync({ given, wrapped }: CommandCall): Promise<number> {
  const options = readSyncOptions(given);
  const { pushed, grpc, client, recorded } = options;
  const workers = readWorkersOption(given, options.proxy);
  const { log, style } = openLog(options.proxy);
  const home = homeFolder();
  const launch = await launchOf(options.proxy, wrapped);
  const { browser } = launch;
  const types = await messageTypes(grpc, options.proxy);
  const port = await typesPort(types);
  const name = pushed.name ?? basename(browser?.browser.title ?? wrapped[0] ?? 'pmproxy');
  const session = { id: randomUUID(), name: name.slice(0, maxNameLength) };
  const graceMs = options.proxy.grace;
  return recordTraffic({
    name: 'sync',
    home,
    ...launch,
    options,
    workers,
    messageTypes: types,
    owner: { outputs: [], session },
    recordingName: session.name,
    reserved: [{ hostname: client.hostname, port: client.port }],
    log,
    style,
    openOutlet: (recording, signals) =>
      pushOutlet(
        recording,
        {
          home,
          client,
          session,
          pushed,
          secrets: recorded,
          proto: grpc.proto,
          types: port,
          runs: browser ? 'browser' : 'command',
          graceMs,
        },
        signals,
        log,
      ),
  });
}
