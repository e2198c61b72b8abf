import { isOpaque } from '../analysis/correlation/identifying.ts';
import type { RequestPart } from './request-parts.ts';

/** Common forms of dates and times: ISO 8601 with a time, or an HTTP date (RFC 9110, 5.6.7). */
const MOMENT =
  /^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)$/;

/** Seconds or milliseconds since 1970, from 2001 to 2286. */
const EPOCH = /^[1-9]\d{9}(?:\d{3})?(?:\.\d{1,9})?$/;

/** The output of `Math.random()`. */
const RANDOM_FRACTION = /^0\.\d{8,}$/;

/** Names of values that programs generate for each request. */
const DRAWN_NAME =
  /^(?:_|_dc|cb|cachebuster|cache_?buster|rand|random|nonce|cnonce|ts|timestamp|now|.*nonce|.*time_?stamp|.*request_?id|.*correlation_?id|.*idempotency_?key|.*trace_?id|oauth_(?:nonce|timestamp|signature)|signature|sig|x-amz-(?:date|signature|credential|security-token))$/i;

const VARIABLE = /\{\{[^{}]+\}\}/;

/**
 * Whether the next run of the same program would generate a new value: a date, a generated id, a token or a nonce. The
 * format and the name of the value decide.
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

/** Whether a secret in a value was replaced by a variable. */
export function hasVariable(value: string): boolean {
  return value.includes('{{') && VARIABLE.test(value);
}

/** Whether a value equals the recorded one, in which variables match anything. */
export function fits(recorded: string, value: string): boolean {
  // A string that is all variable may stand for a number.
  if (recorded === value || /^"\{\{[^{}]+\}\}"$/.test(recorded)) return true;
  const literals = recorded.split(/\{\{[^{}]+\}\}/);
  if (literals.length === 1) return false;
  const [first = '', ...rest] = literals;
  const last = rest.pop() ?? '';
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  // Each piece is matched in order, as early as possible; the variables match the rest.
  let at = first.length;
  for (const literal of rest) {
    const found = value.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return at <= value.length - last.length;
}
