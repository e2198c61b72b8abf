/** The version that a server speaks: HTTP/1.1 if it had the choice, or HTTP/2 if it supports nothing else. */
export type KnownVersion = 'http/1.1' | 'h2-only';

const maxPlaces = 1000;

/** The versions that servers speak, by destination, to avoid another handshake to find out. */
export class HttpVersions {
  readonly #known = new Map<string, { readonly version: KnownVersion; readonly until: number }>();

  /** Whether any version is known. This is checked for every request, and mostly none is. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  get(place: string): KnownVersion | undefined {
    const found = this.#known.get(place);
    if (found === undefined || found.until > performance.now()) return found?.version;
    this.#known.delete(place);
    return undefined;
  }

  /** @param forMs until it expires: another server may listen there by then */
  set(place: string, version: KnownVersion, forMs: number): void {
    if (this.#known.size >= maxPlaces) this.#known.clear();
    this.#known.set(place, { version, until: performance.now() + forMs });
  }
}
