import { isOpaque } from '../analysis/correlation/identifying.ts';
import type { RequestPart } from './request-parts.ts';

/** Dates and times as programs write them: ISO 8601 with a time, or an HTTP date (RFC 9110, 5.6.7). */
const MOMENT =
  /^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)$/;

/** Seconds or milliseconds since 1970, from 2001 to 2286. */
const EPOCH = /^[1-9]\d{9}(?:\d{3})?(?:\.\d{1,9})?$/;

/** What `Math.random()` gives. */
const RANDOM_FRACTION = /^0\.\d{8,}$/;

/** Names of values that a program draws for each request. */
const DRAWN_NAME =
  /^(?:_|_dc|cb|cachebuster|cache_?buster|rand|random|nonce|cnonce|ts|timestamp|now|.*nonce|.*time_?stamp|.*request_?id|.*correlation_?id|.*idempotency_?key|.*trace_?id|oauth_(?:nonce|timestamp|signature)|signature|sig|x-amz-(?:date|signature|credential|security-token))$/i;

const VARIABLE = /\{\{[^{}]+\}\}/;

/**
 * Whether a value is one that the next run of the same program would have anew: a date, an id that a machine drew, a token,
 * a nonce. It is told by how the value looks and what it is called.
 */
export function isVolatile({ name, value }: RequestPart): boolean {
  const text = value.startsWith('"') ? unquoted(value) : value;
  if (text === '' || text === 'null' || text === 'true' || text === 'false') return false;
  if (MOMENT.test(text) || RANDOM_FRACTION.test(text) || EPOCH.test(text)) return true;
  if (DRAWN_NAME.test(name) && /\d/.test(text)) return true;
  return isOpaque(text);
}

function unquoted(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : json;
  } catch {
    return json;
  }
}

/** Whether a secret was taken out of a value, and a variable stands in its place. */
export function hasVariable(value: string): boolean {
  return VARIABLE.test(value);
}

/** Whether a value is what was recorded, where a variable stands for anything. */
export function fits(recorded: string, value: string): boolean {
  if (recorded === value) return true;
  const literals = recorded.split(/\{\{[^{}]+\}\}/);
  if (literals.length === 1) return false;
  const [first = '', ...rest] = literals;
  const last = rest.pop() ?? '';
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  // One after the other, each as early as it can stand: what is left over is the variables'.
  let at = first.length;
  for (const literal of rest) {
    const found = value.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return at <= value.length - last.length;
}
