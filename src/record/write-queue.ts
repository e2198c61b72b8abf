/** Bytes that wait to be written, in order. */
export class WriteQueue {
  bytes = 0;
  #blocks: Uint8Array[] = [];
  /** Small pieces are copied together here; `#filled` of it is used, `#taken` is already a block. */
  #slab = Buffer.allocUnsafeSlow(slabBytes);
  #filled = 0;
  #taken = 0;

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
    if (this.#filled + piece.length > slabBytes) this.#newSlab();
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
    if (this.#filled + text.length * 3 > slabBytes) this.#newSlab();
    const written = this.#slab.write(text, this.#filled);
    this.#filled += written;
    this.bytes += written;
  }

  /** Hands over what waits; what is added from now on belongs to the next batch. */
  take(): { readonly blocks: Uint8Array[]; readonly bytes: number } {
    this.#closeBlock();
    const taken = { blocks: this.#blocks, bytes: this.bytes };
    this.#blocks = [];
    this.bytes = 0;
    return taken;
  }

  #closeBlock(): void {
    if (this.#filled > this.#taken)
      this.#blocks.push(this.#slab.subarray(this.#taken, this.#filled));
    this.#taken = this.#filled;
  }

  // The old one lives on in the blocks cut from it until they are written.
  #newSlab(): void {
    this.#closeBlock();
    this.#slab = Buffer.allocUnsafeSlow(slabBytes);
    this.#filled = 0;
    this.#taken = 0;
  }
}

const slabBytes = 1024 * 1024;
const copiedBytes = 16 * 1024;
