import type { RequestPart } from './request-parts.ts';
import { fits, hasVariable, isVolatile } from './volatile.ts';

/** Something in which a request differs from a recorded one. */
export type Difference = {
  readonly at: string;
  /** Absent where the recorded request has nothing there. */
  readonly recorded?: string;
  /** Absent where the request has nothing there. */
  readonly asked?: string;
};

/** Says whether what stands somewhere is of no interest. */
export type Ignored = (part: RequestPart) => boolean;

/**
 * In what a request differs from a recorded one. What is volatile in both, and what was taken out of the recording as a
 * secret, is no difference.
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
