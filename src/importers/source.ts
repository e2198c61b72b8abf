import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeError, usageError } from '../errors.ts';
import { makeTemporaryFolder, openNew, PRIVATE } from '../new-files.ts';

/** A file that is read at places, and again. */
export type Source = {
  /** As the person named it. */
  readonly name: string;
  /** The folder that names in it are relative to; absent for standard input. */
  readonly folder?: string;
  readonly size: number;
  read(offset: number, length: number): Buffer;
  /** All of it, from the start. */
  chunks(): Iterable<Buffer>;
  /** The line, from 1, that a byte is in. */
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
 * Keeps a stream in a file of its own, as long as it is open: a stream cannot be read twice.
 *
 * @param name as the person named it
 * @param through what it is sent through before it is kept
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

/** Entries are read one after another as a rule: then more is read at once, of which they are parts. */
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
/** So far apart are neighbours at most. */
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
