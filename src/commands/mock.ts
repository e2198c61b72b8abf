import { basename } from 'node:path';
import { Argument } from 'commander';
import { ignoredPlaces } from '../calls/ignored.ts';
import type { Shown } from '../calls/miss.ts';
import { openRecordedCalls, type RecordedCalls } from '../calls/recorded-calls.ts';
import { usageError } from '../errors.ts';
import { homeFolder } from '../home.ts';
import { isLoopback } from '../http/loopback.ts';
import { parseTarget } from '../http/target.ts';
import { firstOrigin, mockingProxy } from '../mock/answerer.ts';
import { ignoringOptions } from '../options/compared.ts';
import { mockedOptions } from '../options/mocked.ts';
import { readOptions } from '../options/option.ts';
import { proxyOptions, readProxyOptions } from '../options/proxy.ts';
import { shownOptions } from '../options/sync.ts';
import type { RunningProxy } from '../proxy/index.ts';
import { readShownOptions } from '../session/delivery/shown-options.ts';
import { openRecordings } from '../session/inputs.ts';
import { launchOf } from '../session/launch.ts';
import type { MockRecording, MockRecordingOptions } from '../session/mocking/mock-recording.ts';
import { checkAnswers } from '../session/mocking/recorded-answers.ts';
import { openLog } from '../session/open-log.ts';
import { exitCodeOf, runProxy } from '../session/proxy-run.ts';
import { requestsWithoutSecrets } from '../session/shown-requests.ts';
import { watchStopSignals } from '../session/signals.ts';
import type { Log } from '../terminal/log.ts';
import { counted } from '../terminal/summary.ts';
import { visible } from '../terminal/text.ts';
import type { CommandCall, CommandModule } from './command.ts';

// Asked directly, it answers as the recorded host.
const { target: _, ...withoutTarget } = proxyOptions;

/** `pmproxy mock`: answers from recordings. */
export const mockCommand: CommandModule = {
  description:
    'Answers requests from recordings, without their servers: as a proxy for all recorded hosts, ' +
    'and as a server when it is asked directly.',
  examples: [
    'pmproxy mock traffic.har -- npm test       the tests, without the servers',
    'pmproxy mock api.postman_collection.json   asked directly: http://127.0.0.1:8080/users',
    'pmproxy mock traffic.har --missing forward',
  ],
  operands: [
    new Argument(
      '<recording...>',
      'journals, HAR, ndjson and collections; for equal requests, the last one counts',
    ),
  ],
  options: {
    'How it answers': { ...mockedOptions, ...ignoringOptions },
    'Where it is shown': shownOptions,
    'The proxy': withoutTarget,
  },
  wrapsCommand: true,
  run: mock,
};

async function mock({ given, operands, wrapped }: CommandCall): Promise<number> {
  const options = readProxyOptions(given);
  const launch = await launchOf(options, wrapped);
  const { missing, timing, once } = readOptions(mockedOptions, given);
  const { ignore } = readOptions(ignoringOptions, given);
  const client = readShownOptions(given);
  if (operands.filter((path) => path === '-').length > 1)
    throw usageError('Standard input (-) can be read once only.');
  const { log, style } = openLog(options);
  const home = homeFolder();
  const opened = await openRecordings(operands);
  const isIgnored = ignoredPlaces(ignore);
  const signals = watchStopSignals();
  let recording: MockRecording | undefined;
  try {
    const calls = await openRecordedCalls(opened.recordings, {
      isIgnored: ({ at }) => isIgnored(at),
      once,
    });
    for (const warning of checkAnswers(calls, operands)) log.warn({}, warning);
    const [last] = opened.recordings.slice(-1);
    const addTo =
      missing === 'record' && last ? { path: operands.at(-1) ?? '', recording: last } : undefined;
    const name = basename(launch.browser?.browser.title ?? wrapped[0] ?? 'pmproxy mock');
    // What standard input held cannot be read again, and what is never forwarded needs no explanation.
    const explains = missing !== 'refuse' && !operands.includes('-');
    const compared = { mock: explains ? operands : [], ignore, areMocked: true } as const;
    recording =
      addTo || client
        ? await startRecording({ home, log, style, addTo, client, name, compared })
        : undefined;
    const hide = requestsWithoutSecrets();
    const counts = { answered: 0, missed: 0 };
    const mocking = mockingProxy({
      calls,
      missing: missing === 'refuse' ? 'refuse' : 'forward',
      timing,
      hide,
      onAnswered({ method, url: asked }) {
        counts.answered += 1;
        // Looking for secrets takes as long as an answer.
        if (!log.isLevelEnabled('debug')) return;
        const url = hide.url(asked);
        log.debug({ method, url }, `answered ${method} ${visible(url)}`);
      },
      onMissed(words, { method, url: asked }) {
        const url = hide.url(asked);
        counts.missed += 1;
        log.warn({ method, url }, visible(words));
      },
    });
    const origin = firstOrigin(calls);
    const end = await runProxy({
      name: 'mock',
      options,
      home,
      ...launch,
      ...mocking,
      answeredPorts: loopbackPorts(calls),
      ...(recording && { observer: recording.observer, broken: recording.stopped }),
      ...(client && { reserved: [{ hostname: client.hostname, port: client.port }] }),
      log,
      signals,
      onReady(proxy) {
        announce(proxy, calls, origin, log);
        recording?.begin(proxy);
      },
    });
    await recording?.finish({ graceMs: options.grace, hurry: signals.hurry });
    if (end.command?.failure) return end.command.exitCode;
    sumUp(calls, counts, hide, log);
    const code = exitCodeOf(end, signals);
    return code === 0 && counts.missed > 0 ? 4 : code;
  } catch (error) {
    await recording?.discard(signals.hurry);
    throw error;
  } finally {
    signals.finish();
    await opened.close();
  }
}

/** What records is loaded only where something is recorded. */
async function startRecording(options: MockRecordingOptions): Promise<MockRecording> {
  const { recordMock } = await import('../session/mocking/mock-recording.ts');
  return recordMock(options);
}

/** The recorded servers of this machine: programs that see that nobody listens there must ask the proxy all the same. */
function loopbackPorts({ origins }: RecordedCalls): string[] {
  return [...origins]
    .map(parseTarget)
    .filter(({ host }) => isLoopback(host))
    .map(({ protocol, port = protocol === 'https' ? '443' : '80' }) => port);
}

function announce(
  proxy: RunningProxy,
  calls: RecordedCalls,
  origin: string | undefined,
  log: Log,
): void {
  const { cert: ca } = proxy.authority.files;
  const hosts = calls.origins.size === 1 ? origin : counted(calls.origins.size, 'host');
  log.info(
    { proxy: proxy.url, ca, calls: calls.size },
    `Answering ${counted(calls.size, 'recorded call')} of ${hosts} through ${proxy.url}`,
  );
  log.info({}, `Asked directly, it answers as ${origin}.`);
}

function sumUp(
  calls: RecordedCalls,
  { answered, missed }: { readonly answered: number; readonly missed: number },
  hide: Shown,
  log: Log,
): void {
  const left = [...calls.unasked()];
  const [first] = left;
  const never = first
    ? `, never asked for ${left.length.toLocaleString('en-US')} (the first: ${first.method} ${visible(hide.url(first.url))})`
    : '';
  log.info(
    { answered, missed, unasked: left.length },
    `Answered ${counted(answered, 'request')}, missed ${missed.toLocaleString('en-US')}${never}.`,
  );
}
