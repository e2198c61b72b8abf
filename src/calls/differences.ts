import type { RequestPart } from './request-parts.ts';
import { fits, hasVariable, isVolatile } from './volatile.ts';

/** A difference between a request and a recorded one. */
export type Difference = {
  readonly at: string;
  /** Absent if the recorded request lacks it. */
  readonly recorded?: string;
  /** Absent if the request lacks it. */
  readonly asked?: string;
};

/** Whether to ignore a location. */
export type Ignored = (part: RequestPart) => boolean;

/**
 * The differences between a request and a recorded one. Values that are volatile in both, and secrets that were removed
 * from the recording, are ignored.
 */
export function differencesOf(
  recorded: readonly RequestPart[],
  asked: readonly RequestPart[],
  isIgnored: Ignored,
): Difference[] {
  const open = new Map(asked.map((part) => [part.at, part]));
  const differences: Difference[] = [];
  for (const before of recorded) {
    const after = open.get(before.at);
    open.delete(before.at);
    if (isIgnored(before) || (after && isSame(before, after))) continue;
    differences.push({
      at: before.at,
      recorded: before.value,
      ...(after && { asked: after.value }),
    });
  }
  for (const after of open.values())
    if (!isIgnored(after)) differences.push({ at: after.at, asked: after.value });
  return differences;
}

function isSame(before: RequestPart, after: RequestPart): boolean {
  if (before.value === after.value) return true;
  if (hasVariable(before.value)) return fits(before.value, after.value);
  return isVolatile(before) && isVolatile(after);
}
