import { basename, resolve } from 'node:path';
import { usageError } from '../errors.ts';
import { formatIds } from '../exporters/index.ts';
import { homeFolder, journalsFolder } from '../home.ts';
import { checkingOptions } from '../options/compared.ts';
import { DEFAULTS } from '../options/defaults.ts';
import { grpcOptions, readGrpcOptions } from '../options/grpc.ts';
import { readOptions } from '../options/option.ts';
import { proxyOptions, readProxyOptions } from '../options/proxy.ts';
import { readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { filteringOptions, readFilteringOptions } from '../options/rewritten.ts';
import { readTcpOptions, shownOptions, tcpOptions } from '../options/sync.ts';
import { readWorkersOption, workersOptions } from '../options/workers.ts';
import { readWrittenOptions, writtenOptions } from '../options/written.ts';
import { planRenderings } from '../output/plan.ts';
import { readShownOptions } from '../session/delivery/shown-options.ts';
import { filesOutlet } from '../session/files/files-outlet.ts';
import type { RecordingCheck } from '../session/files/recording-check.ts';
import { launchOf } from '../session/launch.ts';
import { messageTypes, typesPort } from '../session/message-types.ts';
import { openLog } from '../session/open-log.ts';
import { checkOtherRecordings } from '../session/recording/left-recordings.ts';
import { recordTraffic } from '../session/recording/record-traffic.ts';
import type { CommandCall, CommandModule } from './command.ts';

/** `pmproxy save`: records to files. */
export const saveCommand: CommandModule = {
  description: 'Records the traffic that passes through the proxy in collection files.',
  examples: [
    `pmproxy save                           record on ${DEFAULTS.bind}:${DEFAULTS.proxyPort} until Ctrl+C`,
    'pmproxy save -o api.json -- npm test   record what a command sends',
    'pmproxy save --browser -- https://shop.example/',
    'pmproxy save --host api.example.com --no-static',
  ],
  options: {
    'What is recorded': recordedOptions,
    'What is written': writtenOptions(formatIds),
    'What is compared': checkingOptions,
    'Where it is shown': shownOptions,
    'How gRPC is read': grpcOptions,
    'PostmanProxy (2013) compatibility': tcpOptions,
    'What is rewritten': filteringOptions,
    'The proxy': { ...proxyOptions, ...workersOptions },
  },
  wrapsCommand: true,
  run: save,
};

async function save({ given, wrapped }: CommandCall): Promise<number> {
  const options = {
    proxy: readProxyOptions(given),
    recorded: readRecordedOptions(given),
    app: readTcpOptions(given),
    rewritten: readFilteringOptions(given),
  };
  const launch = await launchOf(options.proxy, wrapped);
  const workers = readWorkersOption(given, options.proxy);
  const written = readWrittenOptions(formatIds, given);
  const { log, style } = openLog(options.proxy);
  const home = homeFolder();
  const { check: yardstick, ignore } = readOptions(checkingOptions, given);
  const client = readShownOptions(given);
  if (client && yardstick === '-')
    throw usageError('--check - cannot be shown with --client: it can be read once only.');
  // What is only compared needs no file.
  const isOnlyCompared = yardstick !== undefined && written.output.length === 0;
  const renderings = isOnlyCompared ? [] : await planRenderings(written);
  const grpc = readGrpcOptions(given);
  const types = await messageTypes(grpc, options.proxy);
  // Two recordings that replace the same file would lose one; other outputs never overwrite.
  const outputs = renderings.flatMap(({ output }) =>
    output.kind !== 'stdout' && output.replace ? [output.path] : [],
  );
  // The yardstick is never changed.
  if (yardstick !== undefined && outputs.includes(resolve(yardstick)))
    throw usageError(
      `-o ${yardstick} would replace the recording of --check.`,
      'Choose another file with -o.',
    );
  await checkOtherRecordings(journalsFolder(home), outputs, log);
  const check = yardstick === undefined ? undefined : await loadCheck(yardstick, ignore);
  return recordTraffic({
    name: 'save',
    home,
    ...launch,
    options,
    workers,
    messageTypes: types,
    owner: { outputs },
    ...(client && {
      reserved: [{ hostname: client.hostname, port: client.port }],
      shownIn: {
        home,
        client,
        name: basename(launch.browser?.browser.title ?? wrapped[0] ?? 'pmproxy save'),
        secrets: options.recorded,
        proto: grpc.proto,
        types: await typesPort(types),
        ...(yardstick !== undefined && { compared: { mock: [], check: yardstick, ignore } }),
      },
    }),
    recordingName: renderings[0]?.name ?? 'pmproxy',
    dataOnStdout: renderings.some(({ output }) => output.kind === 'stdout'),
    log,
    style,
    openOutlet: (recording, signals) =>
      filesOutlet(
        recording,
        renderings,
        { ...written, ...options.recorded, messageTypes: types.source, check },
        signals,
        log,
        launch.wrapped,
      ),
  }).finally(() => check?.close());
}

/** What compares recordings is loaded only where something is compared. */
async function loadCheck(path: string, ignore: readonly string[]): Promise<RecordingCheck> {
  const { openCheck } = await import('../session/files/recording-check.ts');
  return openCheck(path, ignore);
}
