/** What a server was found to speak: HTTP/1.1 where it had the choice, or HTTP/2 because it has nothing else. */
export type KnownVersion = 'http/1.1' | 'h2-only';

const maxPlaces = 1000;

/** What servers were found to speak, by where they are, so that no handshake is made to find out again. */
export class HttpVersions {
  readonly #known = new Map<string, { readonly version: KnownVersion; readonly until: number }>();

  /** Whether there is anything to ask for: this is asked for every request, and mostly nothing is known. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  get(place: string): KnownVersion | undefined {
    const found = this.#known.get(place);
    if (found === undefined || found.until > performance.now()) return found?.version;
    this.#known.delete(place);
    return undefined;
  }

  /** @param forMs until it is looked at again: another server may listen there by then */
  set(place: string, version: KnownVersion, forMs: number): void {
    if (this.#known.size >= maxPlaces) this.#known.clear();
    this.#known.set(place, { version, until: performance.now() + forMs });
  }
}
