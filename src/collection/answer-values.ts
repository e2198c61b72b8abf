import { isIdName, isOpaque } from './identifying.ts';
import type { JsonLeaf } from './json-leaves.ts';

/** What a text is that differs with each run although its kind does not; JSON Schema has names for these. */
export type TextFormat = 'date-time' | 'uuid';

const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The format of a text (RFC 3339, RFC 9562), if it has one that can be checked. */
export function formatOf(text: string): TextFormat | undefined {
  if (DATE_TIME.test(text)) return 'date-time';
  return UUID.test(text) ? 'uuid' : undefined;
}

/** Members whose values tell of the moment, the machine or the run. */
const MOMENTARY =
  /(?:^|[_-])(?:time|timestamp|date|day|now|duration|elapsed|uptime|took|latency|expires|exp|iat|nbf|age|nonce|etag|hash|checksum|signature|host|hostname|port|ip|pid|seed|random|build|commit|cursor|next|version)$|(?:At|On|Time|Date|Ms|Until|Since|Timestamp|Duration|Token|Secret|Cursor|Hash|Url|Uri)$|_(?:at|on|ms|until|since|token|secret|url|uri)$/;

/** `2024-05-01`, `2024-05-01 10:00`, `10:00:00`, `Wed, 01 May 2024 10:00:00 GMT`. */
const MOMENT = /^\d{4}-\d\d-\d\d|^\d\d:\d\d|^\w{3}, \d\d[ -]\w{3}[ -]\d{2,4} /;

const LONGEST_VALUE = 80;

/** Tells whether a value in an answer can be expected to be the same next time. */
export function isLasting({ path, value }: JsonLeaf): boolean {
  const name = String(path.findLast((step) => typeof step === 'string') ?? '');
  if (value === null || isIdName(name) || MOMENTARY.test(name)) return false;
  if (typeof value === 'boolean') return true;
  if (typeof value === 'number') return !isMoment(value);
  if (value.length > LONGEST_VALUE || /[\r\n]|\/\/|\{\{/.test(value)) return false;
  return !MOMENT.test(value) && !isOpaque(value);
}

/** Seconds or milliseconds since the epoch, between 2001 and 2096. */
function isMoment(value: number): boolean {
  const inSeconds = value >= 1e9 && value < 4e9;
  return inSeconds || (value >= 1e12 && value < 4e12);
}
