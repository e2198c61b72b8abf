import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

const MB = 1024 * 1024;

/** `megabytes` pseudo-random megabytes, and the digest that they will have had. */
export function bigBody(megabytes: number): { body: Readable; digest: () => string } {
  const piece = randomBytes(MB);
  const hash = createHash('sha256');
  const body = Readable.from(
    (function* () {
      for (let i = 0; i < megabytes; i += 1) {
        piece.writeUInt32BE(i);
        const chunk = Buffer.from(piece);
        hash.update(chunk);
        yield chunk;
      }
    })(),
    { objectMode: false, highWaterMark: MB },
  );
  return { body, digest: () => hash.digest('hex') };
}
