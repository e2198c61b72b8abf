/**
 * Memory for large pieces of bodies in transit. A piece is held by everybody who still needs it, and its block is used
 * again when all have released it. New memory for every piece would make V8 collect its whole heap many times a second.
 *
 * Whoever never releases a piece does no harm: the block is garbage like any other.
 */
const holders = new WeakMap<ArrayBufferLike, number>();
const spare: Buffer[] = [];

/** The most that one piece can hold, in bytes. */
export const blockBytes = 128 * 1024;
/** Smaller pieces get memory of their own, because a piece that is held for long must not hold a whole block. */
const smallBytes = 32 * 1024;
/** Blocks that wait for use; further ones are left to the garbage collector. */
const maxSpare = 64;

/**
 * Copies bytes, at most `blockBytes`.
 *
 * @returns the copy, which the caller holds
 */
export function copyBytes(bytes: Uint8Array): Buffer {
  if (bytes.length <= smallBytes) return Buffer.from(bytes);
  const block = spare.pop() ?? Buffer.allocUnsafeSlow(blockBytes);
  block.set(bytes);
  holders.set(block.buffer, 1);
  return block.subarray(0, bytes.length);
}

/** Holds a piece, or a part of one, once more. Nothing happens if the bytes are in other memory. */
export function hold({ buffer }: Uint8Array): void {
  const count = holders.get(buffer);
  if (count !== undefined) holders.set(buffer, count + 1);
}

/** Releases a piece, or a part of one, once. Its bytes must not be used afterwards. */
export function release({ buffer }: Uint8Array): void {
  const count = holders.get(buffer);
  if (count === undefined) return;
  if (count > 1) {
    holders.set(buffer, count - 1);
    return;
  }
  holders.delete(buffer);
  if (spare.length < maxSpare) spare.push(Buffer.from(buffer));
}
