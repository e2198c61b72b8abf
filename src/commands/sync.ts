import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { usageError } from '../errors.ts';
import type { ReflectedTypes } from '../grpc/reflected-types.ts';
import { homeFolder } from '../home.ts';
import { withDashes } from '../options/arguments.ts';
import { grpcOptions, readGrpcOptions } from '../options/grpc.ts';
import { proxyOptions, readProxyOptions } from '../options/proxy.ts';
import { readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { filteringOptions, readFilteringOptions } from '../options/rewritten.ts';
import { pushedOptions, readPushedOptions, readTcpOptions, tcpOptions } from '../options/sync.ts';
import { launchOf, withoutOwnTraffic } from '../session/browser.ts';
import { type RunningDelivery, type Staying, startDelivery } from '../session/delivery/delivery.ts';
import { announce, settle, showPage, sumUp } from '../session/delivery/report.ts';
import { type RunningLegacy, startLegacy } from '../session/legacy.ts';
import { askingObserver, messageTypes } from '../session/message-types.ts';
import { openLog } from '../session/open-log.ts';
import { beginRecording, type CommandRecording, endRecording } from '../session/recording.ts';
import { rewriterFor, warnOfAnyOrigin } from '../session/rewriting.ts';
import { type RunEnd, runProxy } from '../session/run.ts';
import { type StopSignals, watchStopSignals } from '../session/signals.ts';
import { type ClientAddress, clientAddress } from '../sync/push/address.ts';
import type { Log } from '../terminal/log.ts';
import { version } from '../version.ts';
import { type CommandCall, type CommandModule, groupedOptions } from './command.ts';

/** `pmproxy sync`: pushes what passes to a running client. */
export const syncCommand: CommandModule = {
  wrapsCommand: true,
  declare(command) {
    command
      .description(
        'Pushes the traffic that passes through the proxy to a running client (`pmproxy client`). If ' +
          'no client is running, starts one.',
      )
      .usage('[options] [-- command [args…]]')
      .addHelpText('after', examples);
    for (const option of allOptions()) command.addOption(option);
  },
  normalise: (args, command) => withDashes(args, command.options),
  run: sync,
};

const examples = `
Examples:
  pmproxy sync --open                a history that fills until Ctrl+C
  pmproxy sync -- npm test           push what a command sends
  pmproxy sync --browser             push what a browser sends
  pmproxy sync --client 'http://127.0.0.1:6000/?token=…'`;

function allOptions() {
  return groupedOptions({
    'Where it is pushed': pushedOptions,
    'PostmanProxy (2013) compatibility': tcpOptions,
    'What is recorded': recordedOptions,
    'How gRPC is read': grpcOptions,
    'What is rewritten': filteringOptions,
    'The proxy': proxyOptions,
  });
}

type Options = ReturnType<typeof readOptions>;

function readOptions(given: CommandCall['given']) {
  const pushed = readPushedOptions(given);
  const recorded = readRecordedOptions(given);
  if (recorded.secrets === 'env') {
    throw usageError(
      '--secrets env needs an output file, and sync has none: write redact or keep.',
    );
  }
  const app = readTcpOptions(given);
  const usual = clientAddress(pushed.client);
  // The ancestor's app has the usual port then: a client of ours takes the next one.
  const client = app && given['client'] === undefined && isAt(usual, app) ? nextDoor(usual) : usual;
  if (app && isAt(client, app)) {
    throw usageError(
      `--tcp-connection and --client both mean ${app.host}:${app.port}, but only one of them can listen there.`,
      'Try: --tcp-port <n> or --client <url>',
    );
  }
  return {
    pushed,
    grpc: readGrpcOptions(given),
    app,
    client,
    recorded: { ...recorded, maxBody: Math.min(recorded.maxBody, maxPushedBytes) },
    proxy: readProxyOptions(given),
    rewritten: readFilteringOptions(given),
  };
}

type Place = { readonly host: string; readonly port: number };

function isAt(client: ClientAddress, { host, port }: Place): boolean {
  return client.hostname === host && client.port === port;
}

function nextDoor({ hostname, port }: ClientAddress): ClientAddress {
  return clientAddress(`ws://${hostname}:${port + 1}/capture`);
}

/** Of each body: two of them, in base64, have room in an event. */
const maxPushedBytes = 16 * 1024 * 1024;

async function sync({ given, wrapped }: CommandCall): Promise<number> {
  const options = readOptions(given);
  const launch = launchOf(options.proxy, wrapped);
  const recorded = withoutOwnTraffic(options.recorded, launch.browser);
  const { log, style } = openLog(options.proxy);
  const types = await messageTypes(options.grpc, options.proxy);
  const home = homeFolder();
  const name =
    options.pushed.name ?? basename(launch.browser?.browser.title ?? wrapped[0] ?? 'pmproxy');
  const session = { id: randomUUID(), name: name.slice(0, 200) };
  const owner = { outputs: [], session };
  const recording = await beginRecording(home, owner, recorded, { log, style });
  const { journal, recorder, stopped } = recording;
  const asked = types.reflected && (await answeringPort(types.reflected));
  const sent = {
    ...deliveryOptions(home, journal.folder, options),
    ...(asked && { types: asked }),
  };
  const delivery = startDelivery(sent, log, (page) => showPage(page, options.pushed.open, log));
  const legacy = startLegacy(options.app, recording, session.name, options.recorded, log);
  journal.whenWritten(delivery.written);
  if (options.rewritten) warnOfAnyOrigin(options.rewritten, log);
  const signals = watchStopSignals();
  const { hostname, port } = options.client;
  try {
    const end = await runProxy({
      name: 'sync',
      options: options.proxy,
      home,
      ...launch,
      observer: askingObserver(recorder, types),
      ...(options.rewritten && { rewriter: rewriterFor(options.rewritten, () => true) }),
      reserved: [{ hostname, port }],
      log,
      signals,
      broken: stopped,
      onReady(proxy) {
        announce(proxy, options.proxy, wrapped.length > 0 || launch.browser !== undefined, log);
        delivery.begin({ ...session, startedAt: journal.startedAt, version, proxy: proxy.url });
      },
    });
    if (end.command?.failure) {
      await delivery.finish(0, signals.hurry);
      await journal.remove();
      return end.command.exitCode;
    }
    const staying =
      end.command && !signals.isStopping
        ? stayingFor(signals, launch.browser ? 'browser' : 'command', log)
        : undefined;
    return await finish({ end, recording, delivery, staying, legacy, options, signals, log });
  } catch (error) {
    await delivery.finish(0, signals.hurry);
    await settle(recording, log);
    // That has been said.
    if (journal.isGone) return 1;
    throw error;
  } finally {
    await legacy.finish(0, signals.hurry);
    signals.finish();
  }
}

/** Where the thread that delivers asks for types. */
async function answeringPort({ registryOf }: ReflectedTypes): Promise<MessagePort> {
  const { answerTypes } = await import('../grpc/types-across-threads.ts');
  const { port1, port2 } = new MessageChannel();
  answerTypes(port1, registryOf);
  return port2;
}

function deliveryOptions(
  home: string,
  folder: string,
  { client, pushed, recorded, grpc }: Options,
) {
  const { history, collections, embedded, token = client.token } = pushed;
  return {
    home,
    folder,
    proto: grpc.proto,
    client: { ...client, token },
    embedded: embedded ? { history, collections } : undefined,
    secrets: recorded.secrets,
    redact: recorded.redact,
  };
}

// A command may be over before anybody has looked at the page that shows what it did.
function stayingFor(signals: StopSignals, what: 'browser' | 'command', log: Log): Staying {
  const isAttended = process.stderr.isTTY === true;
  const until = isAttended ? 'until Ctrl+C' : 'until it is closed, or Ctrl+C';
  return {
    stay: isAttended ? 'always' : 'watched',
    until: signals.first,
    onStay: () => log.info({}, `The ${what} has ended; its page stays ${until}.`),
  };
}

type Finishing = {
  readonly end: RunEnd;
  readonly recording: CommandRecording;
  readonly delivery: RunningDelivery;
  readonly staying: Staying | undefined;
  readonly legacy: RunningLegacy;
  readonly options: Options;
  readonly signals: StopSignals;
  readonly log: Log;
};

// What the client does not have stays on disk for the next time.
async function finish(finishing: Finishing): Promise<number> {
  const { end, recording, delivery, staying, legacy, options, signals, log } = finishing;
  const { journal, recorder } = recording;
  await endRecording(recording);
  const { grace } = options.proxy;
  const [delivered] = await Promise.all([
    delivery.finish(grace, signals.hurry, staying),
    legacy.finish(grace, signals.hurry),
  ]);
  const isWhole = delivered?.undelivered === 0;
  if (isWhole) await journal.remove();
  sumUp({ counts: recorder.counts, delivery: delivered, page: delivery.page, ...options }, log);
  if (end.command) return end.command.exitCode;
  return signals.hurry.aborted && !isWhole ? 130 : 0;
}
