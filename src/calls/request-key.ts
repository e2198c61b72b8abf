import { digest } from '../content-id.ts';
import type { RequestPart } from './request-parts.ts';
import { isVolatile } from './volatile.ts';

/** Two keys of a request. They are the same if it has no volatile value. */
export type RequestKeys = {
  /** Equal for requests with the same parts. */
  readonly exact: string;
  /** Equal for requests that differ in volatile values only. */
  readonly lasting: string;
};

/** @param scope what else has to be equal, such as the method and the origin */
export function requestKeys(scope: readonly string[], parts: readonly RequestPart[]): RequestKeys {
  const volatile = parts.map(isVolatile);
  const exact = keyOf(scope, parts, ({ value }) => value);
  if (!volatile.includes(true)) return { exact, lasting: exact };
  const lasting = keyOf(scope, parts, ({ value }, at) => (volatile[at] ? '*' : value));
  return { exact, lasting };
}

/** The second one of the {@link requestKeys}. */
export function lastingKey(scope: readonly string[], parts: readonly RequestPart[]): string {
  return keyOf(scope, parts, (part) => (isVolatile(part) ? '*' : part.value));
}

/** A lasting key that does not depend on the values at some places. */
export function keyWithout(places: readonly RequestPart[], parts: readonly RequestPart[]): string {
  const without = new Set(places.map(({ at }) => at));
  return keyOf([], parts, (part) => (without.has(part.at) || isVolatile(part) ? '*' : part.value));
}

function keyOf(
  scope: readonly string[],
  parts: readonly RequestPart[],
  said: (part: RequestPart, at: number) => string,
): string {
  const texts = [...scope];
  for (const [at, part] of parts.entries()) texts.push(part.at, said(part, at));
  return digest(JSON.stringify(texts));
}
