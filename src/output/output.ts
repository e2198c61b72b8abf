import { link, rename, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode, usageError } from '../errors.ts';
import { withoutEnding } from '../exporters/index.ts';
import { makePrivateFolder, openNew, PRIVATE, writeNew } from '../new-files.ts';
import {
  assertWritable,
  followLink,
  freePath,
  removeLeftDrafts,
  statIfThere,
  temporaryName,
} from './destinations.ts';
import type { FolderOutput } from './folder.ts';

/** A place that a recording is written to. */
export type Output =
  | { readonly kind: 'stdout' }
  /** `path` is absolute and no link. An explicit path is replaced; any other is never overwritten. */
  | { readonly kind: 'file'; readonly path: string; readonly replace: boolean };

/** A file, or standard output: what one stream goes to. */
export type FileOutput = Extract<Output, { kind: 'file' }>;

/**
 * Checks, before anything is recorded, that an output can be written, and finds where a link leads.
 *
 * @param path as given on the command line; `-` is standard output
 * @throws UserError (exit code 2) when it is a folder, a FIFO or a device, or in a folder that does
 *   not exist or cannot be written
 */
export async function explicitOutput(path: string): Promise<Output> {
  if (path === '-') return { kind: 'stdout' };
  const target = await followLink(resolve(path));
  const found = await statIfThere(target);
  if (path.endsWith('/') || found?.isDirectory()) {
    throw usageError(
      `Cannot write ${path}: it is a folder.`,
      `Try: -o ${join(path, 'traffic.json')}`,
    );
  }
  if (found && !found.isFile()) throw usageError(`Cannot write ${path}: it is not a regular file.`);
  await assertWritable(dirname(target), path);
  return { kind: 'file', path: target, replace: true };
}

/**
 * The output that is taken when none is given: a file of this name in a folder, with a number when that is taken.
 *
 * @throws UserError (exit code 2) when the folder does not exist or cannot be written
 */
export async function defaultOutput(folder: string, name: string): Promise<FileOutput> {
  const path = join(resolve(folder), name);
  await assertWritable(dirname(path), path);
  return { kind: 'file', path: await freePath(path), replace: false };
}

/** Pieces of a file. */
export type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/**
 * Writes a stream of text and bytes to an output. A file appears whole or not at all: it is written
 * beside its place, mode 0600, synced, and moved there.
 *
 * @param hurry aborted when nobody waits any longer for a reader of standard output that does not read
 * @returns the path written, or undefined for standard output, which may have been closed meanwhile
 * @throws what the disk or the source throws, or the signal's reason; nothing is left behind then
 */
export async function writeOutput(
  output: Output,
  chunks: Chunks,
  hurry?: AbortSignal,
): Promise<string | undefined> {
  if (output.kind === 'stdout') {
    await Promise.race([writeEachToStdout(inBlocks(chunks)), rejectionOf(hurry)]);
    return undefined;
  }
  const draft = temporaryName(output.path);
  await removeLeftDrafts(output.path).catch(() => {});
  try {
    const file = await openNew(draft, 'wx', PRIVATE);
    try {
      let written = Promise.resolve();
      for await (const block of inBlocks(chunks)) {
        await written;
        written = file.writeFile(block);
        // It is told of when it is awaited, which may be later.
        written.catch(() => {});
      }
      await written;
      await file.sync();
    } finally {
      await file.close();
    }
    return await moveInPlace(draft, output);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Renderers yield small pieces; a write each would take longer than the rendering. A block may be written while the next
 * is made; the one after that takes its place in memory.
 */
async function* inBlocks(chunks: Chunks): AsyncIterable<Uint8Array> {
  let [block, next] = [Buffer.allocUnsafeSlow(BLOCK_BYTES), Buffer.allocUnsafeSlow(BLOCK_BYTES)];
  let filled = 0;
  for await (const chunk of chunks) {
    const isText = typeof chunk === 'string';
    const room = isText ? chunk.length * UTF8_BYTES : Number.POSITIVE_INFINITY;
    if (filled > 0 && filled + room > BLOCK_BYTES) {
      yield block.subarray(0, filled);
      [block, next] = [next, block];
      filled = 0;
    }
    if (isText && room <= BLOCK_BYTES) filled += block.write(chunk, filled);
    else yield isText ? Buffer.from(chunk) : chunk;
  }
  if (filled > 0) yield block.subarray(0, filled);
}

const BLOCK_BYTES = 512 * 1024;

/** What one UTF-16 unit takes at most. */
const UTF8_BYTES = 3;

// Another program may have taken the free name meanwhile; a hard link fails where a rename would
// overwrite.
async function moveInPlace(draft: string, output: FileOutput): Promise<string> {
  if (output.replace) {
    await rename(draft, output.path);
    return output.path;
  }
  for (let path = output.path; ; path = await freePath(path)) {
    try {
      await link(draft, path);
      await unlink(draft);
      return path;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      // File systems without hard links.
      if (errorCode(error) !== 'EPERM' && errorCode(error) !== 'ENOTSUP') throw error;
      await rename(draft, path);
      return path;
    }
  }
}

/** Writes chunks to standard output, each when it comes; ends early when nobody reads any more. */
export async function writeEachToStdout(chunks: Chunks): Promise<void> {
  const { stdout } = process;
  for await (const block of chunks) {
    const error = await new Promise<unknown>((resolve) => stdout.write(block, resolve));
    // `pmproxy save -o - | head -1`: the reader has had enough.
    if (errorCode(error) === 'EPIPE') return;
    if (error) throw error;
  }
}

/** Rejects when the signal is aborted, with its reason. For one race: each that is lost would be remembered until the end. */
export function rejectionOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/**
 * Stores bytes that have no place in the format in the folder `<output>.files`.
 *
 * @returns the path as the output names it, relative to the output's folder
 */
export function attachTo(
  output: Output | FolderOutput,
): ((name: string, bytes: Uint8Array) => Promise<string>) | undefined {
  if (output.kind === 'stdout') return undefined;
  const folder = `${output.kind === 'folder' ? output.path : withoutEnding(output.path)}.files`;
  return async (name, bytes) => {
    await makePrivateFolder(folder);
    await writeNew(join(folder, name), bytes, PRIVATE);
    return `${basename(folder)}/${name}`;
  };
}
