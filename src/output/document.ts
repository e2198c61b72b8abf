import type { Collection } from '../collection.ts';
import { filteredCollection, type ItemFilter } from '../document/filter.ts';
import { foldedCollection } from '../document/folding.ts';
import { mergedCollection, renamedCollection } from '../document/merge.ts';
import { redactedCollection } from '../document/redaction.ts';
import type { Environment } from '../importers/index.ts';
import type { RecordedOptions } from '../options/recorded.ts';
import { certaintyOf } from '../secrets/detect/names.ts';

/** The collections among the inputs, merged and without secrets, for all outputs. */
export type DocumentSource = {
  readonly collection: Collection;
  /** The values of variables, for outputs without variables; secrets are removed once the first event was read. */
  readonly environment: ReadonlyMap<string, string>;
  /** Secret values replaced by variables; complete when the collection has been read. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly counts: DocumentCounts;
};

type DocumentCounts = { items: number; filteredOut: number };

export type DocumentOptions = Pick<RecordedOptions, 'secrets' | 'redact'> & {
  /** The collection's name; undefined keeps its own. */
  readonly name: string | undefined;
  /** Fold identical items into one. */
  readonly dedupe?: boolean | undefined;
  /** Undefined selects everything. */
  readonly filter: ItemFilter | undefined;
  readonly onConflict: (variable: string, collection: string) => void;
};

/** Merges collections and removes unwanted items and secrets. */
export function documentSource(
  collections: readonly Collection[],
  environments: readonly Environment[],
  options: DocumentOptions,
): DocumentSource | undefined {
  const [only, ...more] = collections;
  if (only === undefined) return undefined;
  const { name, dedupe, filter, redact, secrets: mode, onConflict } = options;
  const environment = new Map(environments.flatMap(({ values }) => [...values]));
  const counts: DocumentCounts = { items: 0, filteredOut: 0 };
  const one =
    more.length === 0 ? only : mergedCollection(collections, name ?? 'pmproxy', onConflict);
  const named = name === undefined ? one : renamedCollection(one, name);
  const wanted =
    filter === undefined
      ? named
      : filteredCollection(named, {
          filter,
          environment,
          onFiltered: (count) => {
            counts.filteredOut = count;
          },
        });
  const secrets = new Map<string, string>();
  const onSecret = (variable: string, value: string) => void secrets.set(variable, value);
  const told = new Map(environment);
  if (mode !== 'keep') leaveOutSecrets(told, environments);
  const redacted = redactedCollection(wanted, {
    mode,
    redact,
    environments,
    onSecret,
    onLearned(known) {
      for (const [key, value] of told) if (known.isIn(key, value)) told.delete(key);
    },
  });
  return {
    collection: countedItems(dedupe ? foldedCollection(redacted) : redacted, counts),
    environment: told,
    secrets,
    counts,
  };
}

/** Removes secret values: they stay in the environment, and the output has the variable. */
function leaveOutSecrets(told: Map<string, string>, environments: readonly Environment[]): void {
  const secret = new Set(environments.flatMap((one) => [...one.secret]));
  for (const key of told.keys())
    if (secret.has(key) || certaintyOf(key) !== undefined) told.delete(key);
}

/** The same collection; its items are counted while it is read. */
function countedItems(collection: Collection, counts: DocumentCounts): Collection {
  return {
    async *read() {
      let items = 0;
      for await (const event of collection.read()) {
        if (event.kind === 'item' || event.kind === 'socket') items += 1;
        yield event;
      }
      counts.items = items;
    },
  };
}
