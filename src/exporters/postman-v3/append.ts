import type { Collection } from '../../collection.ts';
import type { OnLoss } from '../../document/losses.ts';
import { exampleAt, folderAt, itemAt } from '../../document/v2/item.ts';
import { type JsonObject, objectsOf, textAt } from '../../json/object.ts';
import type { RenderedFile } from '../exporter.ts';
import { planAddition } from '../postman-v2.1/addition.ts';
import {
  asCollection,
  type CollectionJson,
  type EntryJson,
  isFolder,
} from '../postman-v2.1/collection-json.ts';
import { collectionTexts } from '../postman-v2.1/writer.ts';
import { type ExistingItem, readExisting } from './existing.ts';
import { DEFINITION, type EntryEvent, entryWriter, exampleFile, examplesFolder } from './files.ts';
import { withoutGraphql } from './v2-view.ts';
import { withMember, withPairs } from './yaml-insertion.ts';

/**
 * Adds a collection to a collection v3 that is there, by the rules of `appendToCollection`: what is there is compared as
 * a collection v2.1. Files that are there stay as they are, but for a request that gets its first example and for the
 * definition that gets variables, to which lines are added.
 *
 * @param existing the YAML files by their paths
 * @throws UserError when one of them is no YAML
 */
export async function* appendedFiles(
  existing: ReadonlyMap<string, string>,
  collection: Collection,
  onLoss?: OnLoss,
): AsyncGenerator<RenderedFile> {
  const there = readExisting(existing);
  const rendered = await renderedCollection(collection);
  const text = [...existing.values()].join('\n');
  const addition = planAddition(there.collection, rendered, text, onLoss);
  for (const { at, list } of addition.examples) {
    yield* exampleFiles(list, there.itemAt(at), existing);
  }
  for (const { at, list } of addition.entries) {
    const writer = entryWriter(there.folderAt(at), true);
    for (const event of entryEvents(list)) yield* writer.files(event);
  }
  if (addition.variables.length > 0) {
    const pairs = addition.variables.map(
      (one) => [textAt(one, 'key'), textAt(one, 'value')] as const,
    );
    const definition = withPairs(existing.get(DEFINITION) ?? '', 'variables', pairs);
    yield { path: DEFINITION, chunks: [definition] };
  }
}

async function renderedCollection(collection: Collection): Promise<CollectionJson> {
  let text = '';
  for await (const chunk of collectionTexts(collection, '2.1.0')) text += chunk;
  const rendered = asCollection(withoutGraphql(JSON.parse(text)));
  if (rendered === undefined) throw new TypeError('The appended value is not a collection.');
  return rendered;
}

function* exampleFiles(
  list: readonly JsonObject[],
  { path, folder, examples }: ExistingItem,
  existing: ReadonlyMap<string, string>,
): Generator<RenderedFile> {
  const isFirst = examples.order === 0;
  for (const example of list) {
    const answer = exampleAt(example, 'response');
    yield exampleFile(answer, answer.request, examples, folder);
  }
  const text = existing.get(path) ?? '';
  if (!isFirst || /^examples:/m.test(text)) return;
  const value = `./${examplesFolder(examples.request)}`;
  yield { path, chunks: [withMember(text, 'examples', value)] };
}

/** The entries as a step through a collection; where they are from, nothing is unknown. */
function* entryEvents(entries: readonly EntryJson[]): Generator<EntryEvent> {
  for (const entry of entries) {
    if (isFolder(entry)) {
      yield { kind: 'folder', folder: folderAt(entry, 'folder') };
      yield* entryEvents(entry.item);
    } else {
      yield { kind: 'item', item: itemAt(entry, 'item') };
      for (const one of objectsOf(entry, 'response')) {
        yield { kind: 'example', example: exampleAt(one, 'response') };
      }
    }
    yield { kind: 'end' };
  }
}
