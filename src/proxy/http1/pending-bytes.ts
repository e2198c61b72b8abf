/**
 * Bytes that wait for the rest of their line or head. They are copied into a buffer that grows by doubling, so a peer that
 * sends a head byte by byte costs no more than one that sends it at once.
 */
export class PendingBytes {
  #room = none;
  #length = 0;

  /** The waiting bytes followed by these; only these if none are waiting. */
  join(bytes: Buffer): Buffer {
    if (this.#length === 0) return bytes;
    const length = this.#length + bytes.length;
    if (length > this.#room.length) this.#grow(length);
    bytes.copy(this.#room, this.#length);
    return this.#room.subarray(0, length);
  }

  /** Keeps these bytes: the ones joined last, or their end. */
  keep(bytes: Buffer): void {
    const isInRoom = this.#room.length > 0 && bytes.buffer === this.#room.buffer;
    if (!isInRoom || bytes.byteOffset !== this.#room.byteOffset) {
      this.#room = Buffer.alloc(Math.max(2 * bytes.length, 1024));
      bytes.copy(this.#room);
    }
    this.#length = bytes.length;
  }

  /** Discards the waiting bytes. The joined bytes keep their buffer: they may now be part of a body. */
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
