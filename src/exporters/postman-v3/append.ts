import type { Recording } from '../../exchange.ts';
import type { GivenOptions, RenderedFile } from '../exporter.ts';
import { collectionEvents } from '../postman-model/events.ts';
import type { Behavior, Example, ItemRequest } from '../postman-model/schema.ts';
import { planAddition } from '../postman-v2.1/addition.ts';
import {
  asCollection,
  type CollectionJson,
  type EntryJson,
  isFolder,
  type JsonObject,
  textAt,
} from '../postman-v2.1/collection-json.ts';
import { collectionTexts } from '../postman-v2.1/writer.ts';
import { type ExistingItem, readExisting } from './existing.ts';
import { DEFINITION, type EntryEvent, entryWriter, exampleFile, examplesFolder } from './files.ts';
import { withoutGraphql } from './v2-view.ts';
import { withMember, withPairs } from './yaml-insertion.ts';

/**
 * Adds a recording to a collection v3 that is there, by the rules of `appendToCollection`: what is there is compared as
 * a collection v2.1. Files that are there stay as they are, but for a request that gets its first example and for the
 * definition that gets variables, to which lines are added.
 *
 * @param existing the YAML files by their paths
 * @throws UserError when one of them is no YAML
 */
export async function* appendedFiles(
  existing: ReadonlyMap<string, string>,
  recording: Recording,
  options: GivenOptions,
): AsyncGenerator<RenderedFile> {
  const there = readExisting(existing);
  const rendered = await renderedCollection(recording, options);
  const addition = planAddition(there.collection, rendered, [...existing.values()].join('\n'));
  for (const { at, list } of addition.examples) {
    yield* exampleFiles(list, there.itemAt(at), existing);
  }
  for (const { at, list } of addition.entries) {
    const writer = entryWriter(there.folderAt(at));
    for (const event of entryEvents(list)) yield* writer.files(event);
  }
  if (addition.variables.length > 0) {
    const pairs = addition.variables.map(
      (one) => [textAt(one, 'key'), textAt(one, 'value')] as const,
    );
    const text = withPairs(existing.get(DEFINITION) ?? '', 'variables', pairs);
    yield { path: DEFINITION, chunks: [text] };
  }
}

async function renderedCollection(
  recording: Recording,
  options: GivenOptions,
): Promise<CollectionJson> {
  let text = '';
  for await (const chunk of collectionTexts(collectionEvents(recording, options), ''))
    text += chunk;
  const collection = asCollection(withoutGraphql(JSON.parse(text)));
  if (collection === undefined) throw new TypeError('What shall be appended is no collection.');
  return collection;
}

function* exampleFiles(
  list: readonly JsonObject[],
  { path, folder, examples }: ExistingItem,
  existing: ReadonlyMap<string, string>,
): Generator<RenderedFile> {
  const isFirst = examples.order === 0;
  for (const example of list) {
    const { originalRequest, ...answer } = example as JsonObject & Example;
    yield exampleFile(answer, originalRequest, examples, folder);
  }
  const text = existing.get(path) ?? '';
  if (!isFirst || /^examples:/m.test(text)) return;
  const value = `./${examplesFolder(examples.request)}`;
  yield { path, chunks: [withMember(text, 'examples', value)] };
}

/** An item as it comes out of the writer of v2.1. */
type WrittenItem = {
  readonly id: string;
  readonly name: string;
  readonly request: ItemRequest & { readonly description?: string };
  readonly response: readonly Example[];
  readonly protocolProfileBehavior?: Behavior;
  readonly event?: readonly [{ readonly script: { readonly exec: readonly string[] } }];
};

/** What `collectionEvents` tells of these entries. */
function* entryEvents(entries: readonly EntryJson[]): Generator<EntryEvent> {
  for (const entry of entries) {
    if (isFolder(entry)) {
      yield { kind: 'folder', folder: { id: textAt(entry, 'id'), name: textAt(entry, 'name') } };
      yield* entryEvents(entry.item);
      yield { kind: 'end' };
    } else {
      yield* itemEvents(entry as unknown as WrittenItem);
    }
  }
}

function* itemEvents(written: WrittenItem): Generator<EntryEvent> {
  const { id, name, response, protocolProfileBehavior: behavior, event } = written;
  const { description, ...request } = written.request;
  const told = {
    ...(description === undefined ? {} : { description }),
    ...(behavior === undefined ? {} : { behavior }),
  };
  yield { kind: 'item', item: { id, name, request, requestText: '', startedAt: 0, ...told } };
  for (const { originalRequest, ...example } of response) {
    yield { kind: 'example', example, asked: { request: originalRequest, requestText: '' } };
  }
  const script = event?.[0].script.exec;
  yield { kind: 'end', ...(script === undefined ? {} : { script }) };
}
