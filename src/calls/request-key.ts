import { digest } from '../content-id.ts';
import type { RequestPart } from './request-parts.ts';
import { isVolatile } from './volatile.ts';

/** A key that is equal for requests with the same parts. */
export function exactKey(scope: readonly string[], parts: readonly RequestPart[]): string {
  return keyOf(scope, parts, ({ value }) => value);
}

/**
 * A key that is equal for requests that differ in volatile values only.
 *
 * @param scope what else has to be equal, such as the method and the origin
 */
export function lastingKey(scope: readonly string[], parts: readonly RequestPart[]): string {
  return keyOf(scope, parts, (part) => (isVolatile(part) ? '*' : part.value));
}

function keyOf(
  scope: readonly string[],
  parts: readonly RequestPart[],
  said: (part: RequestPart) => string,
): string {
  const values = parts.map((part) => [part.at, said(part)]);
  return digest(JSON.stringify([scope, values])).slice(0, 32);
}
