import type { ItemFilter } from '../document/filter.ts';
import { type UserError, usageError } from '../errors.ts';
import type { Filter } from '../exchange.ts';
import type { TypeSource } from '../grpc/message-types.ts';
import { gather, readThrough } from '../importers/gathering.ts';
import { type InputOptions, type Opened, openInput } from '../importers/index.ts';
import type { RecordedOptions } from '../options/recorded.ts';
import type { WrittenOptions } from '../options/written.ts';
import type { Log } from '../terminal/log.ts';
import { summaryLines } from '../terminal/summary.ts';
import {
  countFaults,
  countLosses,
  type Faults,
  type Losses,
  stopAtFault,
} from './conversion-messages.ts';
import { documentSource } from './document.ts';
import type { Rendering } from './plan.ts';
import { render, type Sources } from './render.ts';

export type ConversionOptions = RecordedOptions &
  WrittenOptions<string> & {
    /** Skip unreadable parts instead of stopping. */
    readonly lenient: boolean;
    /** The values typed, by option. */
    readonly given: Readonly<Record<string, unknown>>;
    readonly exchangeFilter: Filter;
    /** Undefined keeps all requests of a collection, and empty folders too. */
    readonly itemFilter: ItemFilter | undefined;
    readonly openJournal: InputOptions['openJournal'];
    /** The types of gRPC messages, if known. */
    readonly messageTypes: TypeSource | undefined;
    readonly log: Log;
  };

/**
 * Reads inputs, merges them and writes them to every output.
 *
 * @param paths files and folders; `-` is standard input
 * @returns the exit code
 * @throws UserError if an input cannot be read, or an output cannot be written
 */
export async function convertInputs(
  paths: readonly string[],
  renderings: readonly Rendering[],
  options: ConversionOptions,
): Promise<number> {
  const faults = options.lenient ? countFaults(options.log) : stopAtFault;
  const losses = countLosses(options.log);
  const opened: Opened[] = [];
  try {
    for (const path of paths)
      opened.push(await openInput(path, inputOptions(options, faults, losses)));
    return await convertOpened(opened, paths, renderings, { ...options, faults, losses });
  } finally {
    await Promise.all(opened.map((one) => one.close()));
  }
}

type Counting = { readonly faults: Faults; readonly losses: Losses };

async function convertOpened(
  opened: readonly Opened[],
  paths: readonly string[],
  renderings: readonly Rendering[],
  options: ConversionOptions & Counting,
): Promise<number> {
  const { faults, losses, log, min } = options;
  const inputs = opened.flatMap(({ recordings }) => recordings);
  const { recording, counts } = gather(inputs, options.exchangeFilter, faults.on);
  const document = documentSource(
    opened.flatMap(({ collections }) => collections),
    opened.flatMap(({ environments }) => environments),
    {
      ...options,
      filter: options.itemFilter,
      onConflict: (variable, from) =>
        losses.add('Merging', {
          kind: `value of {{${variable}}}`,
          place: [from],
          kept: true,
        }),
    },
  );
  if (inputs.length === 0 && document === undefined) throw nothingToConvert(paths);
  if (document && inputs.length === 0) warnOfUnused(options.given, log);
  const sources = { ...(inputs.length > 0 && { recording }), ...(document && { document }) };
  // A file output is dropped if an input turns out to be damaged, but printed output stays.
  if (renderings.some(({ output }) => output.kind === 'stdout')) await readAll(sources);
  const rendered = await render(sources, renderings, { ...options, onLoss: losses.add });
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
  if (size >= min) return 0;
  log.error(
    {},
    `${size} ${items === undefined ? 'exchanges' : 'requests'}, fewer than --min ${min}`,
  );
  return 3;
}

function inputOptions(
  { openJournal }: ConversionOptions,
  faults: Faults,
  losses: Losses,
): InputOptions {
  const onLeftOut = (kind: string, place: string) =>
    losses.add('pmproxy', { kind, place: [place] });
  return { onFault: faults.on, onLeftOut, openJournal };
}

/** Options that affect recordings but not collections. */
const OFF = ['dedupe', 'variables', 'noise'];
const FOR_RECORDINGS = ['group', 'shape', 'template', 'tests', ...OFF];

function warnOfUnused(given: ConversionOptions['given'], log: Log): void {
  // A `--no-…` option is true unless it was given.
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

function nothingToConvert(paths: readonly string[]): UserError {
  return usageError(
    `${paths.join(', ')} holds the values of variables, but nothing to convert.`,
    'Name a collection beside it: pmproxy convert collection.json environment.json -o out.har',
  );
}
