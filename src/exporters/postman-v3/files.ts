import { stringify } from 'yaml';
import type { RenderedFile } from '../exporter.ts';
import type { CollectionEvent } from '../postman-model/events.ts';
import type { ItemHead } from '../postman-model/item.ts';
import type { ItemRequest } from '../postman-model/schema.ts';
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

/** A folder of the collection on disk. */
type OpenFolder = {
  /** Relative to the collection, with a slash at its end unless it is the collection itself. */
  readonly path: string;
  readonly folders: FileNames;
  readonly requests: FileNames;
  children: number;
};

/** A request whose examples are still coming. */
type OpenItem = {
  readonly item: ItemHead;
  readonly fileName: string;
  readonly order: number;
  readonly examples: FileNames;
  count: number;
};

/** Writes a collection v3 file by file; of a request its examples come first, and last of all the collection's definition. */
export async function* collectionFiles(
  events: AsyncIterable<CollectionEvent>,
): AsyncGenerator<RenderedFile> {
  let begin: Extract<CollectionEvent, { kind: 'begin' }> | undefined;
  let item: OpenItem | undefined;
  const folders: OpenFolder[] = [];
  for await (const event of events) {
    const folder = folders.at(-1);
    if (event.kind === 'begin') {
      begin = event;
      folders.push(openFolder(''));
    } else if (event.kind === 'finish') {
      if (begin === undefined) continue;
      const { info, auth } = begin;
      yield file(DEFINITION, collectionDocument(info, event.variables, auth));
    } else if (folder === undefined) {
      throw new Error('A collection has to begin first.');
    } else if (event.kind === 'folder') {
      const fileName = folder.folders.claim(event.folder.name, 'collection');
      const inner = openFolder(`${folder.path}${fileName}/`);
      const order = nextOrder(folder);
      yield file(
        inner.path + DEFINITION,
        folderDocument(event.folder, { fileName, order }, event.auth),
      );
      folders.push(inner);
    } else if (event.kind === 'item') {
      item = openItem(event.item, folder);
    } else if (event.kind === 'example') {
      if (item === undefined) continue;
      const { request } = event.asked ?? item.item;
      yield exampleFile(event.example, request, item, folder.path);
    } else if (item !== undefined) {
      yield requestFile(item, event.script, folder.path);
      item = undefined;
    } else {
      folders.pop();
    }
  }
}

// Names that a folder of ours or the file system has already.
const NO_FOLDERS = ['.', '..', '.resources'];

function openFolder(path: string): OpenFolder {
  return { path, folders: fileNames(NO_FOLDERS), requests: fileNames(), children: 0 };
}

function openItem(item: ItemHead, folder: OpenFolder): OpenItem {
  const fileName = folder.requests.claim(item.name, 'http-request');
  return { item, fileName, order: nextOrder(folder), examples: fileNames(), count: 0 };
}

function nextOrder(folder: OpenFolder): number {
  folder.children += 1;
  return folder.children * 1000;
}

function requestFile(
  { item, fileName, order, count }: OpenItem,
  script: readonly string[] | undefined,
  folder: string,
): RenderedFile {
  const examples = count === 0 ? undefined : `./${examplesFolder(fileName)}`;
  const document = requestDocument(item, { fileName, order }, { examples, script });
  return file(`${folder}${fileName}.request.yaml`, document);
}

function exampleFile(
  example: Parameters<typeof exampleDocument>[0],
  request: ItemRequest,
  open: OpenItem,
  folder: string,
): RenderedFile {
  open.count += 1;
  const fileName = open.examples.claim(example.name, 'example');
  const position = { fileName, order: open.count * 1000 };
  const path = `${folder}${examplesFolder(open.fileName)}/${fileName}.example.yaml`;
  return file(path, exampleDocument(example, request, position));
}

function examplesFolder(fileName: string): string {
  return `.resources/${fileName}.resources/examples`;
}

function file(path: string, document: Document): RenderedFile {
  return { path, chunks: [stringify(document)] };
}
