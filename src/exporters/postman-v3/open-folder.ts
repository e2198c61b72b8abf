import type { RenderedFile } from '../exporter.ts';
import { yamlText } from '../yaml-text.ts';
import type { Document } from './documents.ts';
import type { FileNames } from './file-names.ts';

/** A folder of the collection on disk that is added to. */
export type OpenFolder = {
  /** Relative to the collection, with a trailing slash; empty for the collection itself. */
  readonly path: string;
  readonly folders: FileNames;
  readonly requests: FileNames;
  /** The number of its last child. */
  order: number;
};

/** The location of a request's examples, or of a WebSocket's messages. */
export type OpenExamples = {
  /** The file name of the request, without its ending. */
  readonly request: string;
  readonly names: FileNames;
  order: number;
};

/** Returns the number of the next child, and counts it. */
export function nextOrder(list: { order: number }): number {
  list.order += 1000;
  return list.order;
}

/** A file with this document. */
export function yamlFile(path: string, document: Document): RenderedFile {
  return { path, chunks: [yamlText(document)] };
}
