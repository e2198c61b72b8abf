/** A value that calls back when it has changed. */
export type Observable<T> = {
  get(): T;
  set(value: T): void;
  /** Calls back after each change. Returns a function that ends this. */
  subscribe(listener: () => void): () => void;
};

/** Creates an observable. Setting an equal value calls nobody back. */
export function observable<T>(initial: T): Observable<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
