import { type UserError, usageError } from '../errors.ts';
import { formatIds, type Loss } from '../exporters/index.ts';
import { homeFolder, journalsFolder } from '../home.ts';
import { gather, readThrough } from '../importers/gathering.ts';
import { type Input, type Opened, openInput } from '../importers/index.ts';
import { withDashes } from '../options/arguments.ts';
import { convertedOptions } from '../options/converted.ts';
import { readOptions } from '../options/option.ts';
import { type RecordedOptions, readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { readWrittenOptions, writtenOptions } from '../options/written.ts';
import { documentSource } from '../output/document.ts';
import { planRenderings } from '../output/plan.ts';
import { render, type Sources } from '../output/render.ts';
import { compileFilters, exchangeFilter } from '../record/filters.ts';
import { openJournal } from '../record/journal-reader.ts';
import { findJournals } from '../record/journals.ts';
import { createLog, type Log } from '../terminal/log.ts';
import { styleOf } from '../terminal/style.ts';
import { summaryLines } from '../terminal/summary.ts';
import { type CommandCall, type CommandModule, groupedOptions } from './command.ts';
import { countFaults, countLosses, stopAtFault } from './conversion-messages.ts';

// What limits a recording while it is made has no meaning afterwards.
const { maxBody: _maxBody, responses: _responses, ...filterOptions } = recordedOptions;

/** `pmproxy convert`: renders what was recorded before or written by hand. */
export const convertCommand: CommandModule = {
  wrapsCommand: false,
  declare(command) {
    command
      .description(
        'Converts recordings (journals, HAR files, ndjson) and Postman collections. Several inputs are merged.',
      )
      .argument(
        '[input...]',
        'files and folders; - is standard input (default: the latest journal)',
      )
      .addHelpText('after', examples);
    const options = groupedOptions({
      'What is read': convertedOptions,
      'What is kept': filterOptions,
      'What is written': writtenOptions(formatIds),
    });
    for (const option of options) command.addOption(option);
  },
  normalise: (args, command) => withDashes(args, command.options),
  run: convert,
};

const examples = `
Examples:
  pmproxy convert -o restored.json          restore a recording that was killed
  pmproxy convert chromium.har -o api.json  a HAR file as a collection
  pmproxy convert a.har b.har -o both.har   merge files in order of time
  pmproxy convert in.har -o safe.har        replace secrets in a HAR file
  pmproxy convert api.json dev.postman_environment.json -o api.har
                                            take values from an environment`;

async function convert({ given, operands }: CommandCall): Promise<number> {
  const { lenient } = readOptions(convertedOptions, given);
  const recorded = readRecordedOptions(given);
  const written = readWrittenOptions(formatIds, given);
  const log = createLog({ level: 'info', format: 'pretty', color: styleOf(process.stderr).color });
  const paths = operands.length > 0 ? operands : [await latestJournal()];
  if (paths.filter((path) => path === '-').length > 1)
    throw usageError('Standard input (-) can be read once only.');
  const renderings = await planRenderings(written);
  const faults = lenient ? countFaults(log) : stopAtFault;
  const losses = countLosses(log);
  const opened: Opened[] = [];
  try {
    const onLeftOut = (kind: string, place: string) => losses.add('pmproxy', kind, [place]);
    for (const path of paths)
      opened.push(
        await openInput(path, { onFault: faults.on, onLeftOut, openJournal: journalInput }),
      );
    const filters = compileFilters(recorded);
    const inputs = opened.flatMap(({ recordings }) => recordings);
    const { recording, counts } = gather(inputs, exchangeFilter(filters), faults.on);
    const document = documentSource(
      opened.flatMap(({ collections }) => collections),
      opened.flatMap(({ environments }) => environments),
      {
        ...recorded,
        name: written.name,
        dedupe: written.dedupe === true,
        filter: isFiltering(recorded) ? filters : undefined,
        onConflict: (variable, from) =>
          losses.add('the collection', `values of {{${variable}}}`, [from]),
      },
    );
    if (inputs.length === 0 && document === undefined) throw nothingToConvert(paths);
    if (document && inputs.length === 0) warnOfUnused(given, log);
    const sources = { ...(inputs.length > 0 && { recording }), ...(document && { document }) };
    // A file that is found to be damaged halfway is not written; what has been printed stays.
    if (renderings.some(({ output }) => output.kind === 'stdout')) await readAll(sources);
    const onLoss = (format: string, { kind, place }: Loss) => losses.add(format, kind, place);
    const rendered = await render(sources, renderings, { ...recorded, ...written, onLoss });
    faults.sumUp();
    losses.sumUp();
    if (counts.notHttp > 0) log.info({}, `Left out ${counts.notHttp} entries that are not HTTP.`);
    const { items, filteredOut = 0 } = document?.counts ?? {};
    const summary = {
      recorded: recording.size,
      ...(items !== undefined && { read: items }),
      failed: counts.incomplete,
      filteredOut: counts.filteredOut + filteredOut,
    };
    for (const line of summaryLines({ ...summary, ...rendered })) log.info({}, line);
    const size = recording.size + (items ?? 0);
    if (size >= written.min) return 0;
    const counted = items === undefined ? 'exchanges' : 'requests';
    log.error({}, `${size} ${counted}, fewer than --min ${written.min}`);
    return 3;
  } finally {
    await Promise.all(opened.map((one) => one.close()));
  }
}

/** Options that say what a recording becomes. */
const OFF = ['dedupe', 'variables', 'noise'];
const FOR_RECORDINGS = ['group', 'shape', 'template', 'tests', ...OFF];

function warnOfUnused(given: CommandCall['given'], log: Log): void {
  // What can be switched off is on unless it was.
  const isGiven = (name: string) =>
    OFF.includes(name) ? given[name] === false : given[name] !== undefined;
  const names = FOR_RECORDINGS.filter(isGiven);
  const shown = names.map((name) => `--${given[name] === false ? 'no-' : ''}${name}`);
  if (shown.length > 0)
    log.warn({}, `${shown.join(', ')}: for recordings only; a collection is written as it is.`);
}

async function readAll({ recording, document }: Sources): Promise<void> {
  if (recording) await readThrough(recording.read());
  if (document) for await (const _ of document.collection.read());
}

/** Whether something may be left out; otherwise empty folders stay too. */
function isFiltering({
  url,
  notUrl,
  host,
  methods,
  status,
  type,
  ...rest
}: RecordedOptions): boolean {
  return [url, notUrl, host, methods, status, type].some((list) => list.length > 0) || !rest.static;
}

function nothingToConvert(paths: readonly string[]): UserError {
  return usageError(
    `${paths.join(', ')} holds the values of variables, but nothing to convert.`,
    'Name a collection beside it: pmproxy convert collection.json environment.json -o out.har',
  );
}

function journalInput(folder: string): Input {
  const journal = openJournal(folder);
  return {
    ...journal,
    async *read(places) {
      for await (const exchange of journal.read(places)) {
        // Damage in what is read later would cost all of the recording, here it costs the exchange.
        for await (const _ of exchange.webSocket?.messages() ?? []);
        yield exchange;
      }
    },
    close: async () => journal.close(),
  };
}

async function latestJournal(): Promise<string> {
  const folder = journalsFolder(homeFolder());
  const left = (await findJournals(folder)).filter(({ alive, empty }) => !alive && !empty);
  const latest = left.at(-1);
  if (latest === undefined) {
    throw usageError(
      `There is no journal of an interrupted recording in ${folder}.`,
      'Try: pmproxy convert <folder> -o restored.json',
    );
  }
  return latest.folder;
}
