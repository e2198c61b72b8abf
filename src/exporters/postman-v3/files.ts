import type {
  Collection,
  CollectionHead,
  Example,
  Item,
  ItemRequest,
  Script,
} from '../../collection.ts';
import type { EntryEvent } from '../addition/tree.ts';
import type { RenderedFile } from '../exporter.ts';
import { DEFINITION } from './definition.ts';
import {
  collectionDocument,
  exampleDocument,
  folderDocument,
  requestDocument,
} from './documents.ts';
import { type FileNames, fileNames } from './file-names.ts';
import { nextOrder, type OpenExamples, type OpenFolder, yamlFile } from './open-folder.ts';
import { socketFiles } from './socket-files.ts';

/** A request whose examples are still being read. */
type OpenItem = {
  readonly item: Item;
  readonly order: number;
  readonly examples: OpenExamples;
};

/** Writes a collection v3 file by file: a request's examples before the request, the collection's definition last. */
export async function* collectionFiles(collection: Collection): AsyncGenerator<RenderedFile> {
  let head: CollectionHead | undefined;
  let writer = entryWriter(newFolder(''), false);
  for await (const event of collection.read()) {
    if (event.kind === 'begin') {
      head = event.head;
      writer = entryWriter(newFolder(''), head.recorded === true);
    } else if (event.kind === 'call') continue;
    else if (event.kind !== 'finish') yield* writer.files(event);
    else if (head !== undefined) {
      const variables = [...head.variables, ...(event.variables ?? [])];
      yield yamlFile(DEFINITION, collectionDocument(head, variables));
    }
  }
}

/**
 * Writes the entries of a folder, file by file.
 *
 * @param recorded whether they come from a recording
 */
export function entryWriter(into: OpenFolder, recorded: boolean) {
  const folders = [into];
  let item: OpenItem | undefined;

  function* files(event: EntryEvent): Generator<RenderedFile> {
    const folder = folders.at(-1) ?? into;
    if (event.kind === 'folder') {
      const fileName = folder.folders.claim(event.folder.name, 'collection');
      const inner = newFolder(`${folder.path}${fileName}/`);
      const position = { fileName, order: nextOrder(folder) };
      const document = folderDocument(event.folder, position);
      yield yamlFile(inner.path + DEFINITION, document);
      folders.push(inner);
    } else if (event.kind === 'item') {
      const request = folder.requests.claim(event.item.name, 'http-request');
      const examples = { request, names: fileNames(), order: 0 };
      item = { item: event.item, order: nextOrder(folder), examples };
    } else if (event.kind === 'example') {
      if (item === undefined) throw new Error('An example belongs to an item.');
      const request = event.example.request ?? (recorded ? item.item.request : undefined);
      yield exampleFile(event.example, request, item.examples, folder.path);
    } else if (event.kind === 'socket') {
      yield* socketFiles(event.socket, folder);
    } else if (item !== undefined) {
      const scripts = [...item.item.scripts, ...(event.scripts ?? [])];
      yield requestFile(item, { scripts, recorded }, folder.path);
      item = undefined;
    } else {
      folders.pop();
    }
  }
  return { files };
}

// Names that the collection or the file system reserves.
const NO_FOLDERS = ['.', '..', '.resources'];

function newFolder(path: string): OpenFolder {
  return { path, folders: folderNames(), requests: fileNames(), order: 0 };
}

/** Names for new folders beside existing ones. */
export function folderNames(taken: readonly string[] = []): FileNames {
  return fileNames([...NO_FOLDERS, ...taken]);
}

function requestFile(
  { item, order, examples }: OpenItem,
  end: { readonly scripts: readonly Script[]; readonly recorded: boolean },
  folder: string,
): RenderedFile {
  const fileName = examples.request;
  const path = examples.order === 0 ? undefined : `./${examplesFolder(fileName)}`;
  const document = requestDocument(item, { fileName, order }, { examples: path, ...end });
  return yamlFile(`${folder}${fileName}.request.yaml`, document);
}

/** The file of an example; `folder` is the request's folder. */
export function exampleFile(
  example: Example,
  request: ItemRequest | undefined,
  open: OpenExamples,
  folder: string,
): RenderedFile {
  const position = { fileName: open.names.claim(example.name, 'example'), order: nextOrder(open) };
  const path = `${folder}${examplesFolder(open.request)}/${position.fileName}.example.yaml`;
  return yamlFile(path, exampleDocument(example, request, position));
}

/** The folder for the examples of a request, within the request's folder. */
export function examplesFolder(request: string): string {
  return `.resources/${request}.resources/examples`;
}
