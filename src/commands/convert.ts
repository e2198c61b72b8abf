import { Argument } from 'commander';
import { usageError } from '../errors.ts';
import { formatIds } from '../exporters/index.ts';
import { homeFolder, journalsFolder } from '../home.ts';
import { convertedOptions } from '../options/converted.ts';
import { protoOptions } from '../options/grpc.ts';
import { readOptions } from '../options/option.ts';
import { isFiltering, readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { readWrittenOptions, writtenOptions } from '../options/written.ts';
import { convertInputs } from '../output/conversion.ts';
import { planRenderings } from '../output/plan.ts';
import { compileFilters, exchangeFilter } from '../record/filters.ts';
import { protoTypes } from '../session/proto-types.ts';
import { openJournalInput } from '../session/recording/journal-input.ts';
import { latestCutOff } from '../session/recording/left-recordings.ts';
import { createLog } from '../terminal/log.ts';
import { styleOf } from '../terminal/style.ts';
import type { CommandCall, CommandModule } from './command.ts';

// What limits a recording while it is made has no meaning afterwards.
const { maxBody: _maxBody, responses: _responses, ...filterOptions } = recordedOptions;

/** `pmproxy convert`: renders what was recorded before or written by hand. */
export const convertCommand: CommandModule = {
  description:
    'Converts recordings (journals, HAR files, ndjson) and Postman collections. Several inputs are merged.',
  examples: [
    'pmproxy convert -o restored.json          restore a recording that was killed',
    'pmproxy convert chromium.har -o api.json  a HAR file as a collection',
    'pmproxy convert a.har b.har -o both.har   merge files in order of time',
    'pmproxy convert in.har -o safe.har        replace secrets in a HAR file',
    'pmproxy convert api.json dev.postman_environment.json -o api.har',
    '                                          take values from an environment',
  ],
  operands: [
    new Argument(
      '[input...]',
      'files and folders; - is standard input (default: the latest journal)',
    ),
  ],
  options: {
    'What is read': convertedOptions,
    'What is kept': filterOptions,
    'What is written': writtenOptions(formatIds),
    'How gRPC is read': protoOptions,
  },
  wrapsCommand: false,
  run: convert,
};

async function convert({ given, operands }: CommandCall): Promise<number> {
  const { lenient } = readOptions(convertedOptions, given);
  const recorded = readRecordedOptions(given);
  const written = readWrittenOptions(formatIds, given);
  const messageTypes = await protoTypes(readOptions(protoOptions, given).proto);
  const log = createLog({ level: 'info', format: 'pretty', color: styleOf(process.stderr).color });
  const latest = () => latestCutOff(journalsFolder(homeFolder()));
  const paths = operands.length > 0 ? operands : [await latest()];
  if (paths.filter((path) => path === '-').length > 1)
    throw usageError('Standard input (-) can be read once only.');
  const renderings = await planRenderings(written);
  const filters = compileFilters(recorded);
  return convertInputs(paths, renderings, {
    ...recorded,
    ...written,
    messageTypes,
    lenient,
    given,
    exchangeFilter: exchangeFilter(filters),
    itemFilter: isFiltering(recorded) ? filters : undefined,
    openJournal: openJournalInput,
    log,
  });
}
