import type { Body } from '../exchange.ts';
import { type Frame, HEAD_BYTES } from './frames.ts';

/**
 * Tells when the frames of a body arrived.
 *
 * @param startedAt the start of the exchange, in milliseconds since the epoch
 * @returns a function for frames in their order, from the first on; it returns milliseconds
 * since the epoch. Undefined if the times were not recorded
 */
export function arrivalTimes(
  { arrivals }: Body,
  startedAt: number,
): ((frame: Frame) => number) | undefined {
  const [first] = arrivals ?? [];
  if (arrivals === undefined || first === undefined) return undefined;
  let at = 0;
  let end = 0;
  return ({ payload }) => {
    end += HEAD_BYTES + payload.length;
    while ((arrivals[at + 1]?.[0] ?? Number.POSITIVE_INFINITY) < end) at += 1;
    // Both times have tenths of a millisecond; their sum has no more.
    return Math.round((startedAt + (arrivals[at] ?? first)[1]) * 10) / 10;
  };
}
