import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Pairing } from '../../sync/wire/interceptor.ts';
import { newToken } from '../access.ts';

/** A paired extension, as it is stored: without its token. */
export type StoredPairing = {
  readonly id: string;
  /** The browser. */
  readonly name: string;
  /** The SHA-256 digest of its token, base64url. */
  readonly key: string;
  /** ISO 8601. */
  readonly pairedAt: string;
};

/** The file of the paired extensions, which all clients of an account share. */
export type PairingFile = {
  read(): Promise<readonly StoredPairing[]>;
  write(pairings: readonly StoredPairing[]): Promise<void>;
};

/** The extensions that are paired with the clients of this account. */
export class Pairings {
  readonly #file: PairingFile;
  /** Changes, one after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(file: PairingFile) {
    this.#file = file;
  }

  /** Pairs a browser of this name. */
  async add(name: string): Promise<Pairing> {
    const token = newToken();
    const id = randomBytes(9).toString('base64url');
    const pairing = { id, name, key: keyOf(token), pairedAt: new Date().toISOString() };
    await this.#change((pairings) => [...pairings, pairing]);
    return { id, token };
  }

  /** The id of the extension with this token; undefined when there is none. */
  async find(token: string): Promise<string | undefined> {
    const given = Buffer.from(keyOf(token));
    const pairings = await this.#file.read();
    return pairings.find(({ key }) => isEqual(Buffer.from(key), given))?.id;
  }

  /**
   * Proves to an extension that this client knows its token, without either of them sending it. The port is part of the
   * proof, so that a program at another port cannot pass on ours.
   *
   * @returns undefined when there is no such extension
   */
  async prove(id: string, nonce: string, port: number): Promise<string | undefined> {
    const found = (await this.#file.read()).find((pairing) => pairing.id === id);
    if (found === undefined) return undefined;
    return createHmac('sha256', found.key).update(`${nonce}:${port}`).digest('base64url');
  }

  /** Revokes one pairing, or all. Returns how many there were. */
  async remove(id?: string): Promise<number> {
    let removed = 0;
    await this.#change((pairings) => {
      const kept = pairings.filter((pairing) => id !== undefined && pairing.id !== id);
      removed = pairings.length - kept.length;
      return kept;
    });
    return removed;
  }

  #change(make: (pairings: readonly StoredPairing[]) => readonly StoredPairing[]): Promise<void> {
    const done = this.#work.then(async () => this.#file.write(make(await this.#file.read())));
    this.#work = done.catch(() => {});
    return done;
  }
}

function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
