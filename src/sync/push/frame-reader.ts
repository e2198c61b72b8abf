/** Longer messages are left out. */
const longestMessage = 1024 * 1024;
const headBytes = 5;

/** Cuts bytes into length-prefixed messages (gRPC over HTTP/2, "Length-Prefixed-Message"), which keep their prefix. */
export class FrameReader {
  #pending = Buffer.alloc(0);
  /** Bytes of a long message that are still to come. */
  #toSkip = 0;
  #isLost = false;

  /** Takes the next bytes. Returns the messages that they complete. */
  read(bytes: Uint8Array): Buffer[] {
    if (this.#isLost) return [];
    this.#pending = Buffer.concat([this.#pending, this.#behindSkipped(bytes)]);
    const frames: Buffer[] = [];
    while (this.#pending.length >= headBytes) {
      const length = headBytes + this.#pending.readUInt32BE(1);
      if (length > longestMessage) {
        this.#toSkip = length;
        this.#pending = Buffer.from(this.#behindSkipped(this.#pending));
      } else if (length <= this.#pending.length) {
        frames.push(this.#pending.subarray(0, length));
        this.#pending = this.#pending.subarray(length);
      } else break;
    }
    return frames;
  }

  /** Bytes were lost. Without them, nobody knows where the next message begins. */
  skip(): void {
    this.#isLost = true;
    this.#pending = Buffer.alloc(0);
  }

  #behindSkipped(bytes: Uint8Array): Uint8Array {
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    return bytes.subarray(skipped);
  }
}
