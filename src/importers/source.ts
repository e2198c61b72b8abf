import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeError, usageError } from '../errors.ts';
import { makeTemporaryFolder, openNew, PRIVATE } from '../new-files.ts';

/** A file with repeatable random access. */
export type Source = {
  /** The name that the user gave. */
  readonly name: string;
  /** The folder that relative names in the file refer to; absent for standard input. */
  readonly folder?: string;
  readonly size: number;
  read(offset: number, length: number): Buffer;
  /** The whole file from the start. */
  chunks(): Iterable<Buffer>;
  /** The line, from 1, that contains a byte. */
  lineAt(offset: number): number;
  close(): Promise<void>;
};

/**
 * Opens a file.
 *
 * @throws UserError (exit code 2) when it cannot be read
 */
export function openSource(path: string): Source {
  const file = openFile(path);
  const size = fstatSync(file).size;
  return {
    name: path,
    folder: dirname(resolve(path)),
    size,
    read: readingAhead(file),
    chunks: () => chunksOf(file),
    lineAt(offset) {
      let line = 1;
      let start = 0;
      for (const chunk of chunksOf(file)) {
        const end = offset - start;
        for (let at = chunk.indexOf(10); at !== -1 && at < end; at = chunk.indexOf(10, at + 1))
          line += 1;
        start += chunk.length;
        if (start >= offset) break;
      }
      return line;
    },
    close: async () => closeSync(file),
  };
}

/**
 * Copies a stream to a temporary file while it is open: a stream cannot be read twice.
 *
 * @param name as given by the user
 * @param through transforms to apply before it is stored
 * @throws UserError (exit code 2) when it cannot be read
 */
export async function spoolStream(
  stream: Readable,
  name: string,
  through: readonly Duplex[] = [],
): Promise<Source> {
  const folder = await makeTemporaryFolder(join(tmpdir(), 'pmproxy-'));
  const path = join(folder, 'input');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const file = await openNew(path, 'wx', PRIVATE);
    await pipeline([stream, ...through, file.createWriteStream()]);
    const { folder: _, ...source } = openSource(path);
    const close = async () => {
      await source.close();
      await remove();
    };
    return { ...source, name, close };
  } catch (error) {
    await remove();
    throw usageError(`Cannot read ${name}: ${describeError(error)}`);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw usageError(`Cannot read ${path}: ${describeError(error)}`);
  }
}

const chunkBytes = 1024 * 1024;

function* chunksOf(file: number): Generator<Buffer> {
  for (let offset = 0; ; offset += chunkBytes) {
    const chunk = readAt(file, offset, chunkBytes);
    if (chunk.length > 0) yield chunk;
    if (chunk.length < chunkBytes) return;
  }
}

/** Entries are usually read in sequence, so a larger block is read ahead. */
function readingAhead(file: number): Source['read'] {
  let ahead: { offset: number; bytes: Buffer } = { offset: 0, bytes: Buffer.alloc(0) };
  let end = -1;
  return (offset, length) => {
    const isNext = offset >= end && offset - end < nextBytes;
    end = offset + length;
    const start = offset - ahead.offset;
    if (start >= 0 && start + length <= ahead.bytes.length)
      return ahead.bytes.subarray(start, start + length);
    if (!isNext || length > aheadBytes) return readAt(file, offset, length);
    ahead = { offset, bytes: readAt(file, offset, aheadBytes) };
    return ahead.bytes.subarray(0, length);
  };
}

const aheadBytes = 256 * 1024;
/** The maximum gap between neighbors. */
const nextBytes = 1024;

function readAt(file: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, buffer, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
