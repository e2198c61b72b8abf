import type { RenderedFile } from '../exporter.ts';
import type { CollectionEvent } from '../postman-model/events.ts';
import type { ItemHead } from '../postman-model/item.ts';
import type { ItemRequest } from '../postman-model/schema.ts';
import { yamlText } from '../yaml-text.ts';
import {
  collectionDocument,
  type Document,
  exampleDocument,
  folderDocument,
  requestDocument,
} from './documents.ts';
import { type FileNames, fileNames } from './file-names.ts';

/** The definition of a collection or folder, inside of it. */
export const DEFINITION = '.resources/definition.yaml';

/** A folder of the collection on disk, to which something is added. */
export type OpenFolder = {
  /** Relative to the collection, with a slash at its end unless it is the collection itself. */
  readonly path: string;
  readonly folders: FileNames;
  readonly requests: FileNames;
  /** The number of the last of its children. */
  order: number;
};

/** Where the examples of one request are. */
export type OpenExamples = {
  /** The file name of the request, without its ending. */
  readonly request: string;
  readonly names: FileNames;
  order: number;
};

/** A request whose examples are still coming. */
type OpenItem = {
  readonly item: ItemHead;
  readonly order: number;
  readonly examples: OpenExamples;
};

/** Writes a collection v3 file by file; of a request its examples come first, and last of all the collection's definition. */
export async function* collectionFiles(
  events: AsyncIterable<CollectionEvent>,
): AsyncGenerator<RenderedFile> {
  let begin: Extract<CollectionEvent, { kind: 'begin' }> | undefined;
  const writer = entryWriter(newFolder(''));
  for await (const event of events) {
    if (event.kind === 'begin') begin = event;
    else if (event.kind !== 'finish') yield* writer.files(event);
    else if (begin !== undefined) {
      yield yamlFile(DEFINITION, collectionDocument(begin.info, event.variables, begin.auth));
    }
  }
}

/** What is told of folders, items and examples. */
export type EntryEvent = Exclude<CollectionEvent, { kind: 'begin' | 'finish' }>;

/** Writes what comes into a folder, file by file. */
export function entryWriter(into: OpenFolder) {
  const folders = [into];
  let item: OpenItem | undefined;

  function* files(event: EntryEvent): Generator<RenderedFile> {
    const folder = folders.at(-1) ?? into;
    if (event.kind === 'folder') {
      const fileName = folder.folders.claim(event.folder.name, 'collection');
      const inner = newFolder(`${folder.path}${fileName}/`);
      const position = { fileName, order: nextOrder(folder) };
      const document = folderDocument(event.folder, position, event.auth);
      yield yamlFile(inner.path + DEFINITION, document);
      folders.push(inner);
    } else if (event.kind === 'item') {
      const request = folder.requests.claim(event.item.name, 'http-request');
      const examples = { request, names: fileNames(), order: 0 };
      item = { item: event.item, order: nextOrder(folder), examples };
    } else if (event.kind === 'example') {
      if (item === undefined) throw new Error('An example belongs to an item.');
      const { request } = event.asked ?? item.item;
      yield exampleFile(event.example, request, item.examples, folder.path);
    } else if (item !== undefined) {
      yield requestFile(item, event.script, folder.path);
      item = undefined;
    } else {
      folders.pop();
    }
  }
  return { files };
}

// Names that the collection or the file system has for something else.
const NO_FOLDERS = ['.', '..', '.resources'];

function newFolder(path: string): OpenFolder {
  return { path, folders: folderNames(), requests: fileNames(), order: 0 };
}

/** Names for folders in a folder in which there are some. */
export function folderNames(taken: readonly string[] = []): FileNames {
  return fileNames([...NO_FOLDERS, ...taken]);
}

function nextOrder(list: { order: number }): number {
  list.order += 1000;
  return list.order;
}

function requestFile(
  { item, order, examples }: OpenItem,
  script: readonly string[] | undefined,
  folder: string,
): RenderedFile {
  const fileName = examples.request;
  const path = examples.order === 0 ? undefined : `./${examplesFolder(fileName)}`;
  const document = requestDocument(item, { fileName, order }, { examples: path, script });
  return yamlFile(`${folder}${fileName}.request.yaml`, document);
}

/** The file of an example; `folder` is that of the request. */
export function exampleFile(
  example: Parameters<typeof exampleDocument>[0],
  request: ItemRequest,
  open: OpenExamples,
  folder: string,
): RenderedFile {
  const position = { fileName: open.names.claim(example.name, 'example'), order: nextOrder(open) };
  const path = `${folder}${examplesFolder(open.request)}/${position.fileName}.example.yaml`;
  return yamlFile(path, exampleDocument(example, request, position));
}

/** The folder that holds the examples of a request, in the folder of the request. */
export function examplesFolder(request: string): string {
  return `.resources/${request}.resources/examples`;
}

function yamlFile(path: string, document: Document): RenderedFile {
  return { path, chunks: [yamlText(document)] };
}
