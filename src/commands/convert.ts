import { UserError, usageError } from '../errors.ts';
import { formatIds } from '../exporters/index.ts';
import { homeFolder, journalsFolder } from '../home.ts';
import { type Input, type OnFault, openInput } from '../importers/index.ts';
import { withDashes } from '../options/arguments.ts';
import { convertedOptions } from '../options/converted.ts';
import { readOptions } from '../options/option.ts';
import { readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { readWrittenOptions, writtenOptions } from '../options/written.ts';
import { compileFilters, exchangeFilter } from '../record/filters.ts';
import { openJournal } from '../record/journal-reader.ts';
import { findJournals } from '../record/journals.ts';
import { createLog, type Log } from '../terminal/log.ts';
import { styleOf } from '../terminal/style.ts';
import { summaryLines } from '../terminal/summary.ts';
import { type CommandCall, type CommandModule, groupedOptions } from './command.ts';
import { gather, readThrough } from './gathering.ts';
import { planRenderings } from './plan.ts';
import { render } from './render.ts';

// What limits a recording while it is made has no meaning afterwards.
const { maxBody: _maxBody, responses: _responses, ...filterOptions } = recordedOptions;

/** `pmproxy convert`: renders what was recorded before, by pmproxy or by another program. */
export const convertCommand: CommandModule = {
  wrapsCommand: false,
  declare(command) {
    command
      .description(
        'Renders what was recorded before: journals, HAR files, ndjson, Postman collections. Several are merged.',
      )
      .argument('[input...]', 'files and folders, - for standard input; else the latest journal')
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
  pmproxy convert -o restored.json          what a killed recording left
  pmproxy convert chromium.har -o api.json  a HAR file as a collection
  pmproxy convert a.har b.json -o both.har  several in one, in order of time`;

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
  const inputs: Input[] = [];
  try {
    for (const path of paths)
      inputs.push(await openInput(path, { onFault: faults.on, openJournal: journalInput }));
    const filter = exchangeFilter(compileFilters(recorded));
    const { recording, counts } = gather(inputs, filter, faults.on);
    // A file that is found to be damaged halfway is not written; what has been printed stays.
    if (renderings.some(({ output }) => output.kind === 'stdout'))
      await readThrough(recording.read());
    const rendered = await render(recording, renderings, { ...recorded, ...written });
    faults.sumUp();
    if (counts.notHttp > 0) log.info({}, `Left out ${counts.notHttp} entries that are no HTTP.`);
    const { filteredOut, incomplete: failed } = counts;
    for (const line of summaryLines({ recorded: recording.size, failed, filteredOut, ...rendered }))
      log.info({}, line);
    if (recording.size >= written.min) return 0;
    log.error({}, `${recording.size} exchanges, fewer than --min ${written.min}`);
    return 3;
  } finally {
    await Promise.all(inputs.map((input) => input.close()));
  }
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

type Faults = { readonly on: OnFault; sumUp(): void };

const stopAtFault: Faults = {
  on: ({ message, cause }) => {
    throw new UserError(message, {
      cause,
      hint: 'With --lenient, the rest is converted all the same.',
    });
  },
  sumUp: () => {},
};

/** More are counted only. */
const shownFaults = 10;

function countFaults(log: Log): Faults {
  let count = 0;
  return {
    on({ message }) {
      count += 1;
      if (count <= shownFaults) log.warn({}, `passed over: ${message}`);
    },
    sumUp() {
      if (count > shownFaults) log.warn({}, `passed over ${count - shownFaults} more`);
    },
  };
}

async function latestJournal(): Promise<string> {
  const folder = journalsFolder(homeFolder());
  const left = (await findJournals(folder)).filter(({ alive, empty }) => !alive && !empty);
  const latest = left.at(-1);
  if (latest === undefined) {
    throw usageError(
      `There is no journal of a cut-off recording in ${folder}.`,
      'Try: pmproxy convert <folder> -o restored.json',
    );
  }
  return latest.folder;
}
