import type { Header } from '../../exchange.ts';

/** A body that is larger is not kept. */
const maxKeptBytes = 64 * 1024;

/** What has been sent of a request's body, kept while it is short and the request may have to be sent again. */
export class SentBody {
  #chunks: Uint8Array[] | undefined = [];
  #bytes = 0;
  #trailers: readonly Header[] | undefined;

  /** @param isOnlyCopy nothing has been sent of it */
  add(chunk: Uint8Array, isOnlyCopy: boolean): void {
    this.#bytes += chunk.length;
    if (this.#bytes > maxKeptBytes && !isOnlyCopy) this.forget();
    this.#chunks?.push(chunk);
  }

  end(trailers: readonly Header[]): void {
    this.#trailers = trailers;
  }

  /** Keeps nothing from now on. */
  forget(): void {
    this.#chunks = undefined;
  }

  get isEnded(): boolean {
    return this.#trailers !== undefined;
  }

  get trailers(): readonly Header[] {
    return this.#trailers ?? [];
  }

  /** Whether all that has been sent is here. */
  get isKept(): boolean {
    return this.#chunks !== undefined;
  }

  get chunks(): readonly Uint8Array[] {
    return this.#chunks ?? [];
  }
}
