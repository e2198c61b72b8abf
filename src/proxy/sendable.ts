import type { Header } from '../exchange.ts';
import { isFieldValue, isToken } from './http1/head-lines.ts';

/** A request that no version of HTTP can carry without changing its meaning. */
export class UnsendableRequest extends Error {
  override name = 'UnsendableRequest';
}

/** @throws UnsendableRequest when this is not a method (RFC 9110 9.1) */
export function checkMethod(method: string): void {
  if (!isToken(method)) throw new UnsendableRequest(`${JSON.stringify(method)} is not a method`);
}

/** @throws UnsendableRequest when this has a character that ends a target early */
export function checkTarget(target: string): void {
  if (!isTarget.test(target))
    throw new UnsendableRequest(`${JSON.stringify(target)} is not a target`);
}

/** @throws UnsendableRequest when a header line has a character that ends it early */
export function checkHeader([name, value]: Header): void {
  if (!isToken(name) || !isFieldValue(value))
    throw new UnsendableRequest(`${JSON.stringify(`${name}: ${value}`)} is not a header line`);
}

// Raw bytes beyond ASCII are not valid in a URI, but some servers accept them.
const isTarget = /^[\x21-\x7e\x80-\xff]+$/;
