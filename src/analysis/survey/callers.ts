import type { Header } from '../../exchange.ts';
import { type Auth, authOf, isAuthHeader } from '../auth.ts';

/** Beyond this number, callers are not distinguished, and shared authentication is not searched for. */
const MOST_AUTHS = 10_000;

/** Reads the authentication from request headers and keeps each once: `authAt` returns its index in `auths`. */
export function createCallers() {
  const auths: Auth[] = [];
  const known = new Map<string, number>();
  /** By the header lines, so that repeated lines are parsed once. */
  const read = new Map<string, number | undefined>();
  function indexOf(auth: Auth | undefined): number | undefined {
    if (auth === undefined) return undefined;
    const key = JSON.stringify(auth);
    const index = known.get(key) ?? auths.length;
    if (index === MOST_AUTHS) return undefined;
    if (index === auths.length) {
      auths.push(auth);
      known.set(key, index);
    }
    return index;
  }
  function authAt(headers: readonly Header[]): number | undefined {
    const lines = headers.filter(([name]) => isAuthHeader(name));
    if (lines.length !== 1) return undefined;
    const line = lines.flat().join(': ');
    if (read.has(line)) return read.get(line);
    const index = indexOf(authOf(lines));
    if (read.size < MOST_AUTHS) read.set(line, index);
    return index;
  }
  return { auths, authAt };
}
