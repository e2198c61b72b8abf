import { type FileHandle, rm } from 'node:fs/promises';
import { openNew, PRIVATE } from '../../new-files.ts';

/** A range of bytes in a file. */
export type ByteRange = { readonly offset: number; readonly length: number };

const windowBytes = 1024 * 1024;

/** A file of entries that is appended to and read at any position. Readers may go on after it was removed. */
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
   * Opens a file for reading and appending, or creates it with mode 0600.
   *
   * @throws an error of the file system
   */
  static async open(path: string): Promise<EntryFile> {
    const file = await openNew(path, 'a+', PRIVATE);
    return new EntryFile(path, file, (await file.stat()).size);
  }

  get size(): number {
    return this.#size;
  }

  /** Removes everything after the first `size` bytes. */
  async truncate(size: number): Promise<void> {
    if (size < this.#size) await this.#file.truncate(size);
    this.#size = Math.min(size, this.#size);
  }

  /**
   * Appends blocks.
   *
   * @throws an error of the file system; some bytes may have been written then
   */
  async append(blocks: readonly Uint8Array[]): Promise<void> {
    const total = blocks.reduce((sum, { length }) => sum + length, 0);
    const { bytesWritten } = await this.#file.writev([...blocks]);
    // A write may be partial. On a full disk, writing the rest then fails.
    if (bytesWritten < total) {
      await this.#file.writeFile(Buffer.concat(blocks).subarray(bytesWritten));
    }
    this.#size += total;
  }

  /** Keeps the file readable until a task has ended, even if the file is closed or removed meanwhile. */
  async use<T>(task: () => Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      return await task();
    } finally {
      this.#users -= 1;
      if (this.#retired && this.#users === 0) await this.#file.close();
    }
  }

  /** Reads these ranges in the given order. Adjacent ranges take one read. */
  async *read(ranges: Iterable<ByteRange>): AsyncGenerator<Buffer> {
    let window: Buffer = Buffer.alloc(0);
    let start = 0;
    for (const { offset, length } of ranges) {
      if (offset < start || offset + length > start + window.length) {
        // Each read has a new buffer, so earlier results stay valid.
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

  /** Closes the file once no task uses it. */
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
