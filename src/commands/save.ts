import { relative } from 'node:path';
import type { Command } from 'commander';
import { describeError, errorCode, UserError } from '../errors.ts';
import { homeFolder, journalsFolder } from '../home.ts';
import { withDashes } from '../options/arguments.ts';
import { commanderOptions } from '../options/option.ts';
import { proxyOptions, readProxyOptions } from '../options/proxy.ts';
import { readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { filteringOptions, readFilteringOptions } from '../options/rewritten.ts';
import { readWrittenOptions, writtenOptions } from '../options/written.ts';
import type { RunningProxy } from '../proxy/index.ts';
import { compileFilters } from '../record/filters.ts';
import { findJournals, Journal } from '../record/journal.ts';
import { openJournal } from '../record/journal-reader.ts';
import { createRecorder, type Recorder } from '../record/recorder.ts';
import { exchangeFields, exchangeLine } from '../terminal/exchange-line.ts';
import type { Log } from '../terminal/log.ts';
import type { Style } from '../terminal/style.ts';
import { quoted, summaryLines, type WrittenFile } from '../terminal/summary.ts';
import { version } from '../version.ts';
import type { CommandCall, CommandModule } from './command.ts';
import { openLog } from './open-log.ts';
import { formatIds, planRenderings, type Rendering, render } from './render.ts';
import { rewriterFor, warnOfAnyOrigin } from './rewriting.ts';
import { bindWarning, type RunEnd, runProxy } from './run.ts';
import { type StopSignals, watchStopSignals } from './signals.ts';

/** `pmproxy save`: records to files. */
export const saveCommand: CommandModule = {
  wrapsCommand: true,
  declare(command) {
    command
      .description('Records what passes through the proxy into collection files.')
      .usage('[options] [-- command [args…]]')
      .addHelpText('after', examples);
    for (const option of allOptions()) command.addOption(option);
  },
  normalise: (args, command: Command) => withDashes(args, command.options),
  run: save,
};

const examples = `
Examples:
  pmproxy save                               set a program's proxy to http://127.0.0.1:8080, Ctrl+C to stop
  pmproxy save -o api.json -- npm test       record what a command sends
  pmproxy save --host api.example.com --no-static`;

function allOptions() {
  const written = writtenOptions(formatIds);
  return [proxyOptions, recordedOptions, written, filteringOptions].flatMap(commanderOptions);
}

type Options = ReturnType<typeof readOptions>;

function readOptions(given: CommandCall['given']) {
  return {
    proxy: readProxyOptions(given),
    recorded: readRecordedOptions(given),
    written: readWrittenOptions(formatIds, given),
    rewritten: readFilteringOptions(given),
  };
}

async function save({ given, wrapped }: CommandCall): Promise<number> {
  const options = readOptions(given);
  const { log, style } = openLog(options.proxy);
  const home = homeFolder();
  const renderings = await planRenderings(options.written);
  const outputs = renderings.flatMap(({ output }) => (output.kind === 'file' ? [output.path] : []));
  await lookForOthers(journalsFolder(home), outputs, log);

  const journal = await Journal.create(journalsFolder(home), { version, outputs });
  const broken = new Promise<never>((_, reject) => {
    journal.onFailure = (error) => reject(journalFailure(journal, error));
  });
  broken.catch(() => {});
  const recorder = createRecorder({
    journal,
    filters: compileFilters(options.recorded),
    maxBodyBytes: options.recorded.maxBody,
    responses: options.recorded.responses,
    ...(log.isLevelEnabled('info') && { onExchange: exchangeLogger(log, style) }),
  });
  if (options.rewritten) warnOfAnyOrigin(options.rewritten, log);
  const signals = watchStopSignals();
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
      broken,
      onReady: (proxy) => announce(log, proxy, renderings, options),
    });
    if (end.command?.failure) throw end.command.failure;
    return await finish({ end, recorder, journal, renderings, options, signals, log, broken });
  } catch (error) {
    await settleJournal(journal, recorder, log);
    throw error;
  } finally {
    signals.dispose();
  }
}

type Finishing = {
  readonly end: RunEnd;
  readonly recorder: Recorder;
  readonly journal: Journal;
  readonly renderings: readonly Rendering[];
  readonly options: Options;
  readonly signals: StopSignals;
  readonly log: Log;
  readonly broken: Promise<never>;
};

// From journal to files. A second Ctrl+C leaves the journal for later.
async function finish(finishing: Finishing): Promise<number> {
  const { end, recorder, journal, renderings, options, signals, log, broken } = finishing;
  const files = await Promise.race([
    writeFiles(journal, recorder, renderings, options),
    hurried(signals.hurry),
    broken,
  ]);
  if (files === 'hurried') {
    log.warn(
      { journal: journal.folder },
      `stopped before anything was written. ${keptIn(journal)}`,
    );
    return 130;
  }
  await journal.remove();
  const { recorded, failed, filtered } = recorder.counts;
  for (const line of summaryLines({ recorded, failed, filteredOut: filtered, files }))
    log.info({}, line);
  const code = end.command?.exitCode ?? 0;
  if (code === 0 && recorded < options.written.min) {
    log.error(
      { recorded, min: options.written.min },
      `recorded ${recorded}, fewer than --min ${options.written.min}`,
    );
    return 3;
  }
  return code;
}

async function writeFiles(
  journal: Journal,
  recorder: Recorder,
  renderings: readonly Rendering[],
  options: Options,
): Promise<WrittenFile[]> {
  await recorder.finish();
  await journal.close();
  const recording = openJournal(journal.folder);
  try {
    return await render(recording, renderings, { ...options.written, ...options.recorded });
  } catch (cause) {
    // `pmproxy save -o - | head -1`: the reader has had enough.
    if (errorCode(cause) === 'EPIPE') return [];
    if (cause instanceof UserError) throw cause;
    throw new UserError(`Cannot write the recording: ${describeError(cause)}`, { cause });
  } finally {
    recording.close();
  }
}

function hurried(hurry: AbortSignal): Promise<'hurried'> {
  return new Promise((resolve) => {
    if (hurry.aborted) resolve('hurried');
    else hurry.addEventListener('abort', () => resolve('hurried'), { once: true });
  });
}

// After a failure: a journal with something in it stays and is spoken of.
async function settleJournal(journal: Journal, recorder: Recorder, log: Log): Promise<void> {
  if (recorder.counts.recorded === 0) await journal.remove().catch(() => {});
  else log.warn({ journal: journal.folder }, keptIn(journal));
}

function keptIn(journal: Journal): string {
  return `What was recorded is kept; try: pmproxy convert ${quoted(journal.folder)} -o traffic.json`;
}

function journalFailure(journal: Journal, cause: Error): UserError {
  return new UserError(
    `Recording stopped: cannot write to ${journal.folder} (${describeError(cause)}).`,
    {
      cause,
      hint: 'Free some space, or choose another folder: PMPROXY_HOME=<folder>',
    },
  );
}

/**
 * Refuses to share an output with a recording that is under way, and tells of recordings that were
 * cut off: their journals are all there is of them.
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
  const left = journals.filter(({ alive, empty }) => !alive && !empty);
  const latest = left.at(-1);
  if (latest === undefined) return;
  const count = left.length === 1 ? 'A recording was' : `${left.length} recordings were`;
  log.warn(
    { journals: left.map((journal) => journal.folder) },
    `${count} cut off. Restore the latest: pmproxy convert ${quoted(latest.folder)} -o restored.json; then remove that folder.`,
  );
}

function exchangeLogger(log: Log, style: Style) {
  return (exchange: Parameters<typeof exchangeLine>[0]) => {
    const fields = exchangeFields(exchange);
    log.info({ exchange: fields, line: exchangeLine(exchange, style) }, 'exchange');
  };
}

function announce(
  log: Log,
  proxy: RunningProxy,
  renderings: readonly Rendering[],
  options: Options,
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
  log.info({}, `For HTTPS, clients must trust ${ca} (see: pmproxy ca). Ctrl+C stops.`);
}

function shortest(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}
