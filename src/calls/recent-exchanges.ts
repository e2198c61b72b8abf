import { type Exchange, responseOf } from '../exchange.ts';
import type { CallPlace } from './call.ts';

/** The limits of what is kept, in bytes of bodies. */
const MOST_BYTES = 16 * 1024 * 1024;
const LARGEST = 512 * 1024;

/** An exchange without bodies counts as much. */
const HEAD_BYTES = 4096;

/**
 * Reads exchanges, and keeps the last ones: programs repeat their requests, and reading an entry of a HAR file takes
 * longer than all the rest of an answer.
 */
export function remembered(
  read: (at: CallPlace) => Promise<Exchange>,
): (at: CallPlace) => Promise<Exchange> {
  const kept = new Map<string, Exchange>();
  let bytes = 0;
  return async (at) => {
    const key = `${at.recording} ${at.place}`;
    const known = kept.get(key);
    if (known) {
      // The last ones in the map are those that were used last.
      kept.delete(key);
      kept.set(key, known);
      return known;
    }
    const exchange = await read(at);
    const size = sizeOf(exchange);
    if (size > LARGEST || exchange.webSocket || kept.has(key)) return exchange;
    kept.set(key, exchange);
    bytes += size;
    for (const [oldest, one] of kept) {
      if (bytes <= MOST_BYTES) break;
      kept.delete(oldest);
      bytes -= sizeOf(one);
    }
    return exchange;
  };
}

function sizeOf({ request, outcome }: Exchange): number {
  const answer = responseOf(outcome);
  return HEAD_BYTES + (request.body?.size ?? 0) + (answer?.body?.size ?? 0);
}
