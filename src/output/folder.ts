import { opendir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { errorCode, usageError } from '../errors.ts';
import type { FolderExporter, RenderedFile } from '../exporters/index.ts';
import { makePrivateFolder, PRIVATE, writeNew } from '../new-files.ts';
import {
  assertWritable,
  followLink,
  freePath,
  removeLeftDrafts,
  statIfThere,
  temporaryName,
} from './destinations.ts';

/** A folder that a recording is written to. */
export type FolderOutput = {
  readonly kind: 'folder';
  /** Absolute, not a link, without a trailing slash. */
  readonly path: string;
  /** Whether to replace an existing folder: only an explicit one is replaced. */
  readonly replace: boolean;
};

/**
 * Checks, before anything is recorded, that a folder can be written, and that it does not exist or may be replaced: it is
 * empty, or contains only files of the format.
 *
 * @param path as given on the command line
 * @param append add to the folder; other files in it stay
 * @throws UserError (exit code 2) if it may not, or cannot, be written
 */
export async function explicitFolder(
  path: string,
  format: FolderExporter,
  append: boolean,
): Promise<FolderOutput> {
  const target = await followLink(resolve(path));
  const found = await statIfThere(target);
  if (found && !found.isDirectory()) throw usageError(`Cannot write ${path}: it is not a folder.`);
  if (found && !(await isReplaceable(target, format))) {
    throw usageError(
      `Cannot replace ${path}: it contains something other than a collection (${format.id}).`,
      `Try: -o ${join(path, 'traffic')}/`,
    );
  }
  const foreign = found && !append ? await foreignFile(target, format) : undefined;
  if (foreign !== undefined) {
    throw usageError(
      `Cannot replace ${path}: ${foreign} in it is not part of a collection (${format.id}).`,
      'Add to the collection with --append, or choose another folder.',
    );
  }
  if (!append && !relative(target, process.cwd()).startsWith('..')) {
    throw usageError(`Cannot replace ${path}: it is the current folder.`);
  }
  await assertWritable(dirname(target), path);
  return { kind: 'folder', path: target, replace: true };
}

/** The default folder, with a number if the name is taken. */
export async function defaultFolder(folder: string, name: string): Promise<FolderOutput> {
  const path = join(resolve(folder), name);
  await assertWritable(dirname(path), path);
  return { kind: 'folder', path: await freePath(path), replace: false };
}

async function isReplaceable(folder: string, { mark }: FolderExporter): Promise<boolean> {
  const names = await readdir(folder);
  if (names.length === 0) return true;
  const text = await readFile(join(folder, mark.path), 'utf8').catch(() => '');
  return mark.isOurs(text);
}

/** Finds the first file that is not the format's own and would be lost. */
async function foreignFile(folder: string, format: FolderExporter): Promise<string | undefined> {
  for await (const entry of await opendir(folder, { recursive: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/');
    if (!entry.isDirectory() && !format.isOwn(path)) return path;
  }
  return undefined;
}

/** The path of a written folder, and its size in bytes. */
export type WrittenFolder = { readonly path: string; readonly bytes: number };

/**
 * Writes files to a folder atomically: it is written beside its path (0700, its files 0600) and moved there. The previous
 * folder is removed once the new one is in place.
 *
 * @throws errors of the disk or the source; nothing is left behind then
 */
export async function writeFolder(
  output: FolderOutput,
  files: AsyncIterable<RenderedFile>,
): Promise<WrittenFolder> {
  const draft = temporaryName(output.path);
  await removeLeftDrafts(output.path).catch(() => {});
  try {
    await makePrivateFolder(draft);
    const bytes = await writeFiles(draft, files, writeInDraft);
    return { path: await moveInPlace(draft, output), bytes };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Writes files into an existing folder, each atomically; other files stay unchanged.
 *
 * @throws errors of the disk or the source
 */
export async function addToFolder(
  output: FolderOutput,
  files: AsyncIterable<RenderedFile>,
): Promise<WrittenFolder> {
  return { path: output.path, bytes: await writeFiles(output.path, files, replaceFile) };
}

type WriteFile = (path: string, content: Uint8Array) => Promise<void>;

/** Replaces a file atomically. */
async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  // The file's own name may already have the maximum length.
  const draft = temporaryName(join(dirname(path), 'new'));
  await writeNew(draft, content, PRIVATE);
  await rename(draft, path);
}

/** Writes a file in a folder that is not visible yet. */
function writeInDraft(path: string, content: Uint8Array): Promise<void> {
  return writeNew(path, content, PRIVATE);
}

async function writeFiles(
  folder: string,
  files: AsyncIterable<RenderedFile>,
  write: WriteFile,
): Promise<number> {
  const make = folderMaker();
  let bytes = 0;
  for await (const { path, chunks } of files) {
    const target = join(folder, path);
    if (!target.startsWith(folder + sep)) throw new Error(`${path} points outside the folder.`);
    await make(dirname(target));
    const content = await contentOf(chunks);
    await write(target, content);
    bytes += content.length;
  }
  return bytes;
}

async function contentOf(chunks: RenderedFile['chunks']): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(Buffer.from(chunk));
  return Buffer.concat(pieces);
}

/** The most folders remembered. */
const REMEMBERED = 1000;

/** Creates folders; remembers them, so that each is usually created once. */
function folderMaker(): (path: string) => Promise<void> {
  const made = new Set<string>();
  return async (path) => {
    if (made.has(path)) return;
    await makePrivateFolder(path);
    if (made.size >= REMEMBERED) made.clear();
    made.add(path);
  };
}

async function moveInPlace(draft: string, output: FolderOutput): Promise<string> {
  if (!output.replace) {
    const path = await freePath(output.path);
    await rename(draft, path);
    return path;
  }
  // This name is never cleaned up: if the second move fails, it is the only copy.
  const before = `${draft}.before`;
  await rename(output.path, before).catch((error) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  await rename(draft, output.path);
  await rm(before, { recursive: true, force: true });
  return output.path;
}

/** Reads the text files with one of these endings, by their relative paths, with slashes. */
export async function readFolder(
  folder: string,
  endings: readonly string[],
): Promise<Map<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of found) {
    if (!entry.isFile() || !endings.some((ending) => entry.name.endsWith(ending))) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).replaceAll(sep, '/'), await readFile(path, 'utf8'));
  }
  return files;
}
