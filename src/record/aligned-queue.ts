import { release } from '../body-memory.ts';
import type { Batch } from './write-queue.ts';

/** Offsets, lengths and memory of direct writes are multiples of this. No disk's sectors are longer. */
const alignment = 4096;

/** @returns the next multiple of `alignment` */
export function alignUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Bytes that wait to be written past the page cache, in order. All are copied into aligned slabs. */
export class AlignedQueue {
  bytes = 0;
  #slabs: Buffer[] = [];
  /** The slab that is being filled, with this many bytes. */
  #slab: Buffer = noSlab;
  #filled = 0;
  /** Slabs for reuse. */
  readonly #spare: Buffer[] = [];

  /** Copies a piece and releases it. */
  add(piece: Uint8Array): void {
    this.bytes += piece.length;
    for (let from = 0; from < piece.length; ) {
      if (this.#filled === this.#slab.length) this.#nextSlab();
      const part = piece.subarray(from, from + this.#slab.length - this.#filled);
      this.#slab.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
    }
    release(piece);
  }

  /** Takes everything that is pending. The last block is filled up with zeros, which count among the bytes. */
  take(): Batch {
    const slabs = this.#slabs;
    const end = alignUp(this.#filled);
    this.#slab.fill(0, this.#filled, end);
    const bytes = alignUp(this.bytes);
    const blocks = slabs.map((slab) => (slab === this.#slab ? slab.subarray(0, end) : slab));
    this.bytes = 0;
    this.#slabs = [];
    this.#slab = noSlab;
    this.#filled = 0;
    const releaseAll = () => {
      this.#spare.push(...slabs.splice(0, Math.max(0, maxSpare - this.#spare.length)));
    };
    return { blocks, bytes, release: releaseAll };
  }

  #nextSlab(): void {
    this.#slab = this.#spare.pop() ?? newSlab();
    this.#slabs.push(this.#slab);
    this.#filled = 0;
  }
}

const slabBytes = 1024 * 1024;
const maxSpare = 16;
const noSlab = Buffer.alloc(0);

// V8 gives buffers that can be resized whole pages of memory. Others may begin anywhere.
function newSlab(): Buffer {
  return Buffer.from(new ArrayBuffer(slabBytes, { maxByteLength: slabBytes }));
}
