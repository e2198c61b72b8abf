import { type FileHandle, rm } from 'node:fs/promises';
import { openNew, PRIVATE } from '../../new-files.ts';

/** Bytes at a place in a file. */
export type ByteRange = { readonly offset: number; readonly length: number };

const windowBytes = 1024 * 1024;

/** A file of entries that grows at its end and is read anywhere. Whoever uses it may go on after it was removed. */
export class EntryFile {
  readonly path: string;
  #file: FileHandle;
  #size: number;
  #users = 0;
  #retired = false;

  private constructor(path: string, file: FileHandle, size: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens a file for reading and appending, mode 0600; makes it where there is none.
   *
   * @throws what the disk throws
   */
  static async open(path: string): Promise<EntryFile> {
    const file = await openNew(path, 'a+', PRIVATE);
    return new EntryFile(path, file, (await file.stat()).size);
  }

  get size(): number {
    return this.#size;
  }

  /** Forgets what stands behind the first `size` bytes. */
  async truncate(size: number): Promise<void> {
    if (size < this.#size) await this.#file.truncate(size);
    this.#size = Math.min(size, this.#size);
  }

  /**
   * Writes blocks at the end.
   *
   * @throws what the disk throws; a part may then have been written
   */
  async append(blocks: readonly Uint8Array[]): Promise<void> {
    const total = blocks.reduce((sum, { length }) => sum + length, 0);
    const { bytesWritten } = await this.#file.writev([...blocks]);
    // A write may take less than it was given; on a full disk the rest then fails.
    if (bytesWritten < total) {
      await this.#file.writeFile(Buffer.concat(blocks).subarray(bytesWritten));
    }
    this.#size += total;
  }

  /** Keeps the file readable until a task is done, whatever becomes of it meanwhile. */
  async use<T>(task: () => Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      return await task();
    } finally {
      this.#users -= 1;
      if (this.#retired && this.#users === 0) await this.#file.close();
    }
  }

  /** Reads the bytes at these ranges, in the order given; neighbours are read together. */
  async *read(ranges: Iterable<ByteRange>): AsyncGenerator<Buffer> {
    let window: Buffer = Buffer.alloc(0);
    let start = 0;
    for (const { offset, length } of ranges) {
      if (offset < start || offset + length > start + window.length) {
        // A new one each time: what was handed out before stays as it is.
        window = await this.#window(offset, length);
        start = offset;
      }
      yield window.subarray(offset - start, offset - start + length);
    }
  }

  async #window(offset: number, least: number): Promise<Buffer> {
    const most = Math.max(least, Math.min(windowBytes, this.#size - offset));
    const buffer = Buffer.allocUnsafeSlow(most);
    const { bytesRead } = await this.#file.read(buffer, 0, most, offset);
    if (bytesRead < least) throw new Error(`${this.path} ends before byte ${offset + least}`);
    return buffer.subarray(0, bytesRead);
  }

  /** Closes the file once nobody uses it any more. */
  async close(): Promise<void> {
    if (this.#retired) return;
    this.#retired = true;
    if (this.#users === 0) await this.#file.close();
  }

  /** Closes the file and removes it. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }
}
