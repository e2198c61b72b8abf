import { usageError } from '../errors.ts';
import { homeFolder, journalsFolder } from '../home.ts';
import { withDashes } from '../options/arguments.ts';
import { readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { readWrittenOptions, writtenOptions } from '../options/written.ts';
import { compileFilters, exchangeFilter } from '../record/filters.ts';
import { findJournals } from '../record/journal.ts';
import { openJournal } from '../record/journal-reader.ts';
import { createLog } from '../terminal/log.ts';
import { styleOf } from '../terminal/style.ts';
import { summaryLines } from '../terminal/summary.ts';
import { type CommandCall, type CommandModule, groupedOptions } from './command.ts';
import { formatIds, planRenderings, render, select } from './render.ts';

// What limits a recording while it is made has no meaning afterwards.
const { maxBody: _maxBody, responses: _responses, ...filterOptions } = recordedOptions;

/** `pmproxy convert`: renders a journal that a recording left behind. */
export const convertCommand: CommandModule = {
  wrapsCommand: false,
  declare(command) {
    command
      .description('Renders the journal of a recording that was killed, as `save` would have.')
      .argument('[journal]', 'the folder it was kept in; the latest one when left out')
      .addHelpText(
        'after',
        '\nExample:\n  pmproxy convert ~/.pmproxy/journals/20260101-120000-1a2b3c -o restored.json',
      );
    const options = groupedOptions({
      'What is kept': filterOptions,
      'What is written': writtenOptions(formatIds),
    });
    for (const option of options) command.addOption(option);
  },
  normalise: (args, command) => withDashes(args, command.options),
  run: convert,
};

async function convert({ given, operands }: CommandCall): Promise<number> {
  const recorded = readRecordedOptions(given);
  const written = readWrittenOptions(formatIds, given);
  const folder = operands[0] ?? (await latestJournal());
  const journal = openJournal(folder);
  try {
    const recording = await select(journal, exchangeFilter(compileFilters(recorded)));
    const renderings = await planRenderings(written);
    const rendered = await render(recording, renderings, { ...recorded, ...written });
    const log = createLog({
      level: 'info',
      format: 'pretty',
      color: styleOf(process.stderr).color,
    });
    const filteredOut = journal.size - recording.size;
    const failed = await countIncomplete(recording);
    for (const line of summaryLines({ recorded: recording.size, failed, filteredOut, ...rendered }))
      log.info({}, line);
    if (recording.size >= written.min) return 0;
    log.error({}, `${recording.size} exchanges, fewer than --min ${written.min}`);
    return 3;
  } finally {
    journal.close();
  }
}

async function countIncomplete(recording: Awaited<ReturnType<typeof select>>): Promise<number> {
  let incomplete = 0;
  for await (const { outcome } of recording.read())
    if (outcome.kind !== 'completed') incomplete += 1;
  return incomplete;
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
