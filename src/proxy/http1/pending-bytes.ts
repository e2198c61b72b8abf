/**
 * Bytes that wait for the rest of their line or head. They are copied into room that grows by doubling, so that a peer that
 * sends a head byte by byte costs no more than one that sends it at once.
 */
export class PendingBytes {
  #room = none;
  #length = 0;

  /** What waits, and behind it these bytes; just these where nothing waits. */
  join(bytes: Buffer): Buffer {
    if (this.#length === 0) return bytes;
    const length = this.#length + bytes.length;
    if (length > this.#room.length) this.#grow(length);
    bytes.copy(this.#room, this.#length);
    return this.#room.subarray(0, length);
  }

  /** Has these bytes wait: those that were joined last, or their end. */
  keep(bytes: Buffer): void {
    const isInRoom = this.#room.length > 0 && bytes.buffer === this.#room.buffer;
    if (!isInRoom || bytes.byteOffset !== this.#room.byteOffset) {
      this.#room = Buffer.alloc(Math.max(2 * bytes.length, 1024));
      bytes.copy(this.#room);
    }
    this.#length = bytes.length;
  }

  /** Nothing waits any more. What was joined keeps its room: it may be part of a body by now. */
  clear(): void {
    this.#room = none;
    this.#length = 0;
  }

  #grow(length: number): void {
    const room = Buffer.alloc(2 * length);
    this.#room.copy(room, 0, 0, this.#length);
    this.#room = room;
  }
}

const none = Buffer.alloc(0);
