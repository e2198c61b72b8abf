import { release } from '../body-memory.ts';

/** Blocks that were taken from a queue to be written. */
export type Batch = {
  readonly blocks: Uint8Array[];
  readonly bytes: number;
  /** Releases the memory of the blocks, which have been written. */
  release(): void;
};

/** Bytes that wait to be written, in order. */
export class WriteQueue {
  bytes = 0;
  #blocks: Uint8Array[] = [];
  /** Small pieces are copied into this slab. `#filled` bytes are used, of which `#taken` are already in a block. */
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  #filled = 0;
  #taken = 0;
  /** Full slabs, which are free again once the pending blocks are written. */
  #full: Buffer[] = [];
  /** Large pieces among the blocks. */
  #held: Uint8Array[] = [];
  /** Slabs for reuse. New memory for every batch would keep the garbage collector busy. */
  readonly #spare: Buffer[] = [];

  /**
   * Adds bytes. Small pieces are copied into one block, because thousands of small objects that outlive the young
   * generation are slow to collect. Large pieces are kept as they are, and
   * released when they are written.
   */
  add(piece: Uint8Array): void {
    this.bytes += piece.length;
    if (piece.length > copiedBytes) {
      this.#closeBlock();
      this.#blocks.push(piece);
      this.#held.push(piece);
      return;
    }
    if (this.#filled + piece.length > slabBytes) this.#nextSlab();
    this.#slab.set(piece, this.#filled);
    this.#filled += piece.length;
    release(piece);
  }

  /** Adds text as UTF-8. */
  addText(text: string): void {
    // One UTF-16 unit takes at most three bytes in UTF-8.
    if (text.length * 3 > copiedBytes) {
      this.add(Buffer.from(text));
      return;
    }
    if (this.#filled + text.length * 3 > slabBytes) this.#nextSlab();
    const written = this.#slab.write(text, this.#filled);
    this.#filled += written;
    this.bytes += written;
  }

  /** Takes all pending blocks. Bytes that are added later belong to the next batch. */
  take(): Batch {
    this.#closeBlock();
    const { bytes } = this;
    const [blocks, full, held] = [this.#blocks, this.#full, this.#held];
    this.#blocks = [];
    this.#full = [];
    this.#held = [];
    this.bytes = 0;
    const releaseAll = () => {
      held.forEach(release);
      const room = Math.max(0, maxSpare - this.#spare.length);
      this.#spare.push(...full.splice(0, room));
    };
    return { blocks, bytes, release: releaseAll };
  }

  #closeBlock(): void {
    if (this.#filled > this.#taken)
      this.#blocks.push(this.#slab.subarray(this.#taken, this.#filled));
    this.#taken = this.#filled;
  }

  #nextSlab(): void {
    this.#closeBlock();
    this.#full.push(this.#slab);
    this.#slab = this.#spare.pop() ?? Buffer.allocUnsafeSlow(slabBytes);
    this.#filled = 0;
    this.#taken = 0;
  }
}

const slabBytes = 256 * 1024;
const copiedBytes = 16 * 1024;
const maxSpare = 8;
