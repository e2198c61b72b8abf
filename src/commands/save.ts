import { relative } from 'node:path';
import type { Command } from 'commander';
import { describeError, errorCode, UserError } from '../errors.ts';
import { formatIds } from '../exporters/index.ts';
import { homeFolder, journalsFolder } from '../home.ts';
import { withDashes } from '../options/arguments.ts';
import { proxyOptions, readProxyOptions } from '../options/proxy.ts';
import { readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { filteringOptions, readFilteringOptions } from '../options/rewritten.ts';
import { readTcpOptions, tcpOptions } from '../options/sync.ts';
import { readWrittenOptions, writtenOptions } from '../options/written.ts';
import { planRenderings, type Rendering } from '../output/plan.ts';
import type { Rendered } from '../output/render.ts';
import type { RunningProxy } from '../proxy/index.ts';
import type { Journal } from '../record/journal.ts';
import { findJournals } from '../record/journals.ts';
import type { Recorder } from '../record/recorder.ts';
import { tellOfLeftovers } from '../session/leftovers.ts';
import type { RunningLegacy } from '../session/legacy.ts';
import { openLog } from '../session/open-log.ts';
import { reasonsForNothing } from '../session/recorded-nothing.ts';
import {
  beginRecording,
  type CommandRecording,
  endRecording,
  openRecorded,
} from '../session/recording.ts';
import { rewriterFor, warnOfAnyOrigin } from '../session/rewriting.ts';
import { bindWarning, type RunEnd, runProxy } from '../session/run.ts';
import { type StopSignals, watchStopSignals } from '../session/signals.ts';
import { type LiveRendering, splitLive, startLive } from '../sinks/live-file.ts';
import type { Log } from '../terminal/log.ts';
import { quoted, summaryLines } from '../terminal/summary.ts';
import { type CommandCall, type CommandModule, groupedOptions } from './command.ts';

/** `pmproxy save`: records to files. */
export const saveCommand: CommandModule = {
  wrapsCommand: true,
  declare(command) {
    command
      .description('Records the traffic that passes through the proxy in collection files.')
      .usage('[options] [-- command [args…]]')
      .addHelpText('after', examples);
    for (const option of allOptions()) command.addOption(option);
  },
  normalise: (args, command: Command) => withDashes(args, command.options),
  run: save,
};

const examples = `
Examples:
  pmproxy save                           record on 127.0.0.1:8080 until Ctrl+C
  pmproxy save -o api.json -- npm test   record what a command sends
  pmproxy save --host api.example.com --no-static`;

function allOptions() {
  return groupedOptions({
    'What is recorded': recordedOptions,
    'What is written': writtenOptions(formatIds),
    'PostmanProxy (2013) compatibility': tcpOptions,
    'What is rewritten': filteringOptions,
    'The proxy': proxyOptions,
  });
}

type Options = ReturnType<typeof readOptions>;

function readOptions(given: CommandCall['given']) {
  return {
    proxy: readProxyOptions(given),
    recorded: readRecordedOptions(given),
    written: readWrittenOptions(formatIds, given),
    app: readTcpOptions(given),
    rewritten: readFilteringOptions(given),
  };
}

async function save({ given, wrapped }: CommandCall): Promise<number> {
  const options = readOptions(given);
  const { log, style } = openLog(options.proxy);
  const home = homeFolder();
  const renderings = await planRenderings(options.written);
  // Others take care of themselves: they never overwrite.
  const outputs = renderings.flatMap(({ output }) =>
    output.kind !== 'stdout' && output.replace ? [output.path] : [],
  );
  await lookForOthers(journalsFolder(home), outputs, log);

  const recording = await beginRecording(home, { outputs }, options.recorded, { log, style });
  const { journal, recorder, stopped } = recording;
  const name = renderings[0]?.name ?? 'pmproxy';
  const legacy = await startLegacy(options, recording, name, log);
  if (options.rewritten) warnOfAnyOrigin(options.rewritten, log);
  const signals = watchStopSignals();
  const [atOnce, afterwards] = splitLive(renderings);
  const live = startLive(journal, atOnce, { ...options.written, ...options.recorded });
  try {
    const end = await runProxy({
      name: 'save',
      options: options.proxy,
      home,
      command: wrapped,
      dataOnStdout: renderings.some(({ output }) => output.kind === 'stdout'),
      observer: recorder,
      ...(options.rewritten && { rewriter: rewriterFor(options.rewritten, () => true) }),
      log,
      signals,
      broken: stopped,
      onReady: (proxy) => announce(log, proxy, renderings, options, wrapped.length > 0),
    }).catch((error: unknown): RunEnd => {
      // What was recorded until then is written all the same.
      if (journal.isGone) return {};
      throw error;
    });
    if (end.command?.failure) {
      await live.finish(signals.hurry);
      await journal.remove();
      return end.command.exitCode;
    }
    const { recorded } = recorder.counts;
    // A reader of our standard output waits for a document; a file with nothing in it would be in the way.
    const rest = afterwards.filter(({ output }) => recorded > 0 || output.kind === 'stdout');
    const sinks = { live, legacy, renderings: rest };
    return await finish({ end, recording, ...sinks, options, wrapped, signals, log });
  } catch (error) {
    await settleJournal(journal, recorder, log);
    throw error;
  } finally {
    await legacy.finish(0, signals.hurry);
    signals.finish();
  }
}

type Finishing = {
  readonly end: RunEnd;
  readonly recording: CommandRecording;
  readonly live: LiveRendering;
  readonly legacy: RunningLegacy;
  readonly renderings: readonly Rendering[];
  readonly options: Options;
  readonly wrapped: readonly string[];
  readonly signals: StopSignals;
  readonly log: Log;
};

// From journal to files. A second Ctrl+C leaves the journal for later.
async function finish(finishing: Finishing): Promise<number> {
  const { end, recording, legacy, options, signals, log } = finishing;
  const { journal, recorder } = recording;
  await endRecording(recording);
  const sent = legacy.finish(options.proxy.grace, signals.hurry);
  const rendered = await writeFiles(finishing);
  await sent;
  if (rendered === 'hurried') {
    log.warn({ journal: journal.folder }, `stopped before all was written.${keptIn(journal)}`);
    return 130;
  }
  await journal.remove();
  const { recorded, incomplete, filtered } = recorder.counts;
  const counts = { recorded, failed: incomplete, filteredOut: filtered };
  for (const line of summaryLines({ ...counts, ...rendered })) log.info({}, line);
  if (recorded === 0) await explainNothing(finishing);
  const code = journal.isGone ? 1 : (end.command?.exitCode ?? 0);
  if (code === 0 && recorded < options.written.min) {
    log.error(
      { recorded, min: options.written.min },
      `recorded ${recorded}, fewer than --min ${options.written.min}`,
    );
    return 3;
  }
  return code;
}

const NOTHING_WRITTEN: Rendered = { files: [], noise: new Map(), replaced: 0 };

/** Loads what speaks to the app where there is one. */
async function startLegacy(
  { app, recorded }: Options,
  recording: CommandRecording,
  name: string,
  log: Log,
): Promise<RunningLegacy> {
  if (app === undefined) return { finish: async () => {} };
  const legacy = await import('../session/legacy.ts');
  return legacy.startLegacy(app, recording, name, recorded, log);
}

async function explainNothing({ end, recording, wrapped, log }: Finishing): Promise<void> {
  const lines = await reasonsForNothing({
    filteredOut: recording.recorder.counts.filtered,
    distrusted: end.distrusted ?? [],
    command: wrapped,
    path: process.env['PATH'] ?? '',
  });
  for (const line of lines) log.info({}, line);
}

async function writeFiles({
  recording: { journal },
  live,
  renderings,
  options: { written, recorded },
  signals: { hurry },
  log,
}: Finishing): Promise<Rendered | 'hurried'> {
  if (hurry.aborted) return 'hurried';
  const recording = openRecorded(journal, log);
  try {
    await live.finish(hurry);
    if (renderings.length === 0) return NOTHING_WRITTEN;
    // A command that is wrapped need not wait for what writes files.
    const { interruptible, render } = await import('../output/render.ts');
    const source = interruptible(recording, hurry);
    return await render({ recording: source }, renderings, { ...written, ...recorded, hurry });
  } catch (cause) {
    if (cause === hurry.reason) return 'hurried';
    // What the disk says has a code; anything else without one is a bug, whose stack is wanted.
    if (cause instanceof UserError || errorCode(cause) === undefined) throw cause;
    throw new UserError(`Cannot write the recording: ${describeError(cause)}`, { cause });
  } finally {
    recording.close();
  }
}

// After a failure: a journal with something in it stays and is spoken of.
async function settleJournal(journal: Journal, recorder: Recorder, log: Log): Promise<void> {
  if (recorder.counts.recorded === 0) await journal.remove().catch(() => {});
  else if (!journal.isGone) log.warn({ journal: journal.folder }, keptIn(journal).trimStart());
}

function keptIn({ isGone, folder }: Journal): string {
  if (isGone) return '';
  return ` What was recorded is kept; try: pmproxy convert ${quoted(folder)} -o traffic.json`;
}

/**
 * Refuses to share an output with a recording that is under way, and tells of recordings that were cut off.
 *
 * @throws UserError when another pmproxy is recording to one of these files
 */
async function lookForOthers(folder: string, outputs: readonly string[], log: Log): Promise<void> {
  const journals = await findJournals(folder);
  for (const { owner, alive } of journals) {
    const shared = owner.outputs.find((path) => outputs.includes(path));
    if (alive && shared !== undefined) {
      throw new UserError(`Process ${owner.pid} is already recording to ${shared}.`, {
        hint: 'Choose another file with -o, or stop the other one first.',
      });
    }
  }
  await tellOfLeftovers(
    journals.filter(({ alive }) => !alive),
    log,
  );
}

function announce(
  log: Log,
  proxy: RunningProxy,
  renderings: readonly Rendering[],
  options: Options,
  wraps: boolean,
): void {
  bindWarning(options.proxy, log);
  const ca = proxy.authority.files.cert;
  const outputs = renderings.map(({ output }) =>
    output.kind === 'stdout' ? '-' : shortest(output.path),
  );
  log.info(
    { proxy: proxy.url, ca, outputs },
    `Recording to ${outputs.join(', ')} through ${proxy.url}`,
  );
  // A command of ours is told whom to trust.
  if (!wraps) log.info({}, `For HTTPS, clients must trust ${ca}. Ctrl+C stops.`);
}

function shortest(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}
