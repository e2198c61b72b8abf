import { write, writeSync, writev, writevSync } from 'node:fs';
import { promisify } from 'node:util';

const pwrite = promisify(write);
const pwritev = promisify(writev);

/**
 * Appends to a file that is open for appending. A write may be partial; on a full disk, writing the rest then fails.
 *
 * @throws the error of the file system
 */
export async function appendAll(file: number, buffers: Uint8Array[]): Promise<void> {
  if (buffers.length === 0) return;
  const { bytesWritten } = await pwritev(file, buffers);
  const rest = restOf(buffers, bytesWritten);
  for (let done = 0; done < rest.length; ) {
    done += (await pwrite(file, rest, done, rest.length - done, null)).bytesWritten;
  }
}

/** The same at once. */
export function appendAllSync(file: number, buffers: Uint8Array[]): void {
  if (buffers.length === 0) return;
  const rest = restOf(buffers, writevSync(file, buffers));
  for (let done = 0; done < rest.length; ) {
    done += writeSync(file, rest, done, rest.length - done, null);
  }
}

const nothing = Buffer.alloc(0);

/** What is left to write after this many bytes. */
export function restOf(buffers: Uint8Array[], written: number): Uint8Array {
  const total = buffers.reduce((sum, { length }) => sum + length, 0);
  return written === total ? nothing : Buffer.concat(buffers).subarray(written);
}
