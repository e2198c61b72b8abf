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
  /** `path` is absolute and not a link. An explicit path is replaced; any other is never overwritten. */
  | { readonly kind: 'file'; readonly path: string; readonly replace: boolean };

/** A file output. */
export type FileOutput = Extract<Output, { kind: 'file' }>;

/**
 * Checks, before anything is recorded, that an output can be written, and follows a link.
 *
 * @param path as given on the command line; `-` is standard output
 * @throws UserError (exit code 2) if it is a folder, a FIFO or a device, or in a folder that does
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
 * The default output: a file of this name in a folder, with a number if the name is taken.
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
 * Writes a stream of text and bytes to an output. A file is written atomically: beside its path,
 * mode 0600, synced, and moved there.
 *
 * @param hurry aborted to stop waiting for a reader of standard output that does not read
 * @returns the path written, or undefined for standard output, which may have been closed meanwhile
 * @throws errors of the disk or the source, or the signal's reason; nothing is left behind then
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
        // The error is reported when the promise is awaited, which may be later.
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
 * Joins small pieces into blocks: a write for each piece would take longer than the rendering. One block may be written
 * while the next is filled; the one after that reuses its memory.
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

/** The most bytes for one UTF-16 unit. */
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

/** Writes chunks to standard output as they arrive; ends early if the reader closes it. */
export async function writeEachToStdout(chunks: Chunks): Promise<void> {
  const { stdout } = process;
  for await (const block of chunks) {
    const error = await new Promise<unknown>((resolve) => stdout.write(block, resolve));
    // `pmproxy save -o - | head -1`: the reader closed the pipe.
    if (errorCode(error) === 'EPIPE') return;
    if (error) throw error;
  }
}

/** Rejects with the signal's reason when it is aborted. Use it in one race only: each lost race would stay in memory. */
export function rejectionOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/**
 * Stores bytes that the format cannot hold in the folder `<output>.files`.
 *
 * @returns the path relative to the output's folder
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
