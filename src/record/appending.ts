import { writev, writevSync } from 'node:fs';
import { promisify } from 'node:util';

const pwritev = promisify(writev);

/**
 * Appends to a file that is open for appending. A write may be partial; on a full disk, writing the rest then fails.
 *
 * @throws the error of the file system
 */
export async function appendAll(file: number, buffers: Uint8Array[]): Promise<void> {
  for (let rest = buffers; rest.length > 0; )
    rest = restOf(rest, (await pwritev(file, rest)).bytesWritten);
}

/** The same at once. */
export function appendAllSync(file: number, buffers: Uint8Array[]): void {
  for (let rest = buffers; rest.length > 0; ) rest = restOf(rest, writevSync(file, rest));
}

/** What is left to write after this many bytes, in the same memory. */
export function restOf(buffers: Uint8Array[], written: number): Uint8Array[] {
  let skipped = 0;
  return buffers.flatMap((buffer) => {
    const rest = buffer.subarray(Math.max(0, written - skipped));
    skipped += buffer.length;
    return rest.length > 0 ? [rest] : [];
  });
}
