/** What was taken from a queue, to be written. */
export type Batch = {
  readonly blocks: Uint8Array[];
  readonly bytes: number;
  /** Says that the blocks have been written, and that their memory may be used again. */
  release(): void;
};

/** Bytes that wait to be written, in order. */
export class WriteQueue {
  bytes = 0;
  #blocks: Uint8Array[] = [];
  /** Small pieces are copied together here; `#filled` of it is used, `#taken` is already a block. */
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  #filled = 0;
  #taken = 0;
  /** Slabs that the blocks waiting now are the last to lie in. */
  #full: Buffer[] = [];
  /** Slabs to be filled anew: new memory for every batch would keep the garbage collector busy. */
  readonly #spare: Buffer[] = [];

  /**
   * Adds bytes. Small pieces are copied, so that the garbage collector has one block to look after
   * instead of thousands that outlive its nursery; large ones are kept as they are.
   */
  add(piece: Uint8Array): void {
    this.bytes += piece.length;
    if (piece.length > copiedBytes) {
      this.#closeBlock();
      this.#blocks.push(piece);
      return;
    }
    if (this.#filled + piece.length > slabBytes) this.#nextSlab();
    this.#slab.set(piece, this.#filled);
    this.#filled += piece.length;
  }

  /** Adds text as UTF-8. */
  addText(text: string): void {
    // No UTF-16 unit takes more than three bytes.
    if (text.length * 3 > copiedBytes) {
      this.add(Buffer.from(text));
      return;
    }
    if (this.#filled + text.length * 3 > slabBytes) this.#nextSlab();
    const written = this.#slab.write(text, this.#filled);
    this.#filled += written;
    this.bytes += written;
  }

  /** Hands over what waits; what is added from now on belongs to the next batch. */
  take(): Batch {
    this.#closeBlock();
    const { bytes } = this;
    const [blocks, full] = [this.#blocks, this.#full];
    this.#blocks = [];
    this.#full = [];
    this.bytes = 0;
    const release = () => {
      const room = Math.max(0, maxSpare - this.#spare.length);
      this.#spare.push(...full.splice(0, room));
    };
    return { blocks, bytes, release };
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
