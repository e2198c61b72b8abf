import type { ItemRequest } from '../../collection.ts';
import type { RecordedRequest } from '../../exchange.ts';
import type { Target } from '../../http/target.ts';
import type { RequestFacts } from '../survey/survey.ts';
import { wouldBeEncoded } from './url.ts';

/** Methods whose body postman-runtime leaves out (METHODS_WITHOUT_BODY in its requester). */
const PRUNED = new Set(['GET', 'COPY', 'HEAD', 'PURGE', 'UNLOCK']);

/** Methods for which postman-runtime sends no `Content-Length: 0` when there is no body. */
const BODILESS = new Set(['GET', 'HEAD', 'TRACE', 'DELETE', 'CONNECT', 'OPTIONS']);

/** Headers that postman-runtime adds to every request that lacks them. */
const ADDED = ['accept', 'accept-encoding', 'cache-control', 'postman-token', 'user-agent'];

/** How the runner sends an item; the names are those of postman-runtime. */
type Behavior = {
  disableBodyPruning?: true;
  disableCookies?: true;
  disableUrlEncoding?: true;
  disabledSystemHeaders?: Record<string, true>;
  followRedirects?: false;
};

/**
 * The settings that make a runner send the recorded request: only those that differ from its defaults.
 *
 * @param recorded the request with all of its headers
 * @param written the request as written in the item
 */
export function behaviorOf(
  recorded: RecordedRequest,
  written: ItemRequest,
  target: Target,
  facts: RequestFacts,
): Behavior | undefined {
  const pruned = written.body !== undefined && PRUNED.has(written.method.toUpperCase());
  const cookieWritten = written.headers.some(({ key }) => key?.toLowerCase() === 'cookie');
  const systemHeaders = unwantedHeaders(recorded, written);
  const behavior: Behavior = {
    ...(pruned ? { disableBodyPruning: true } : {}),
    ...(facts.withoutCookies || cookieWritten ? { disableCookies: true } : {}),
    ...(wouldBeEncoded(target) ? { disableUrlEncoding: true } : {}),
    ...(systemHeaders.length > 0
      ? { disabledSystemHeaders: Object.fromEntries(systemHeaders.map((name) => [name, true])) }
      : {}),
    ...(facts.redirected ? { followRedirects: false } : {}),
  };
  return Object.keys(behavior).length > 0 ? behavior : undefined;
}

function unwantedHeaders(recorded: RecordedRequest, written: ItemRequest): string[] {
  const sent = new Set(recorded.headers.map(([name]) => name.toLowerCase()));
  const unwanted = ADDED.filter((name) => !sent.has(name));
  if (written.body !== undefined && !sent.has('content-type')) unwanted.push('content-type');
  const counted = written.body === undefined && !BODILESS.has(written.method.toUpperCase());
  if (counted && !sent.has('content-length') && !sent.has('transfer-encoding')) {
    unwanted.push('content-length');
  }
  // HTTP/2's authority replaces HTTP/1's Host.
  if (recorded.httpVersion.startsWith('1') && !sent.has('host')) unwanted.push('host');
  return unwanted.sort();
}
