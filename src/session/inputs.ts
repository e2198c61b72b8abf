import { exchangesOf } from '../document/exchanges.ts';
import { UserError, usageError } from '../errors.ts';
import type { Exchange, Recording } from '../exchange.ts';
import { gather } from '../importers/gathering.ts';
import { type OnFault, type Opened, openInput } from '../importers/index.ts';
import { openJournalInput } from './recording/journal-input.ts';

/** Recordings that people named, open for reading. */
export type OpenRecordings = {
  /** One for each input, in the order in which they were named. */
  readonly recordings: readonly Recording[];
  close(): Promise<void>;
};

/**
 * Opens inputs of any kind as recordings: journals, HAR files and ndjson as they are, collections as the calls that their
 * examples hold. Environments among them give the variables of collections their values.
 *
 * @param onFault told of what cannot be read; by default that is an error
 * @throws UserError when an input cannot be read (exit code 2 where there is none), or there is nothing but environments
 */
export async function openRecordings(
  paths: readonly string[],
  onFault: OnFault = refuse,
): Promise<OpenRecordings> {
  const opened: Opened[] = [];
  const close = async () => {
    await Promise.all(opened.map((one) => one.close()));
  };
  try {
    for (const path of paths)
      opened.push(await openInput(path, { onFault, openJournal: openJournalInput }));
    const environment = new Map(
      opened.flatMap(({ environments }) => environments.flatMap(({ values }) => [...values])),
    );
    const recordings = await Promise.all(
      opened.flatMap(({ recordings, collections }) => [
        ...recordings.map(async (input) => gather([input], () => true, onFault).recording),
        ...collections.map((collection) => inMemory(exchangesOf(collection, environment))),
      ]),
    );
    if (recordings.length === 0)
      throw usageError(`${paths.join(', ')} holds the values of variables, but no recording.`);
    return { recordings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function refuse({ message, cause }: UserError): never {
  throw new UserError(message, { cause });
}

/** A collection is small beside a recording, and can only be read from its start. */
async function inMemory(exchanges: AsyncIterable<Exchange>): Promise<Recording> {
  const all: Exchange[] = [];
  for await (const exchange of exchanges) all.push(exchange);
  return {
    size: all.length,
    isDocument: true,
    async *read(places: Iterable<number> = all.keys()) {
      for (const place of places) {
        const exchange = all[place];
        if (exchange) yield exchange;
      }
    },
  };
}
