import type { JsonLeaf } from '../../json/leaves.ts';
import { isIdName, isOpaque } from '../correlation/identifying.ts';

/** Members whose values depend on the time, the machine or the run. */
const MOMENTARY =
  /(?:^|[_-])(?:time|timestamp|date|day|now|duration|elapsed|uptime|took|latency|expires|exp|iat|nbf|age|nonce|etag|hash|checksum|signature|host|hostname|port|ip|pid|seed|random|build|commit|cursor|next|version)$|(?:At|On|Time|Date|Ms|Until|Since|Timestamp|Duration|Token|Secret|Cursor|Hash|Url|Uri)$|_(?:at|on|ms|until|since|token|secret|url|uri)$/;

/** `2024-05-01`, `2024-05-01 10:00`, `10:00:00`, `Wed, 01 May 2024 10:00:00 GMT`. */
const MOMENT = /^\d{4}-\d\d-\d\d|^\d\d:\d\d|^\w{3}, \d\d[ -]\w{3}[ -]\d{2,4} /;

const LONGEST_VALUE = 80;

/** Whether a value in a response can be expected to be the same next time. */
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
