/** What a server was found to speak: HTTP/1.1 where it had the choice, or HTTP/2 because it has nothing else. */
export type KnownVersion = 'http/1.1' | 'h2-only';

const maxPlaces = 1000;

/** What servers were found to speak, by where they are, so that no handshake is made to find out again. */
export class HttpVersions {
  readonly #known = new Map<string, { readonly version: KnownVersion; readonly until: number }>();

  get(place: string): KnownVersion | undefined {
    // Asked for every request, and mostly nothing is known.
    if (this.#known.size === 0) return undefined;
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
