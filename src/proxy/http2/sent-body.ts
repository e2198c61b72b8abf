import type { Header } from '../../exchange.ts';

/** Larger bodies are not kept. */
const maxKeptBytes = 64 * 1024;

/** The sent part of a request's body, kept while it is short and the request may have to be sent again. */
export class SentBody {
  #chunks: Uint8Array[] | undefined = [];
  #bytes = 0;
  #trailers: readonly Header[] | undefined;

  /** @param isOnlyCopy none of it has been sent */
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

  /** Whether all sent bytes are kept. */
  get isKept(): boolean {
    return this.#chunks !== undefined;
  }

  get chunks(): readonly Uint8Array[] {
    return this.#chunks ?? [];
  }
}
