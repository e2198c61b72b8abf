import { vi } from 'vitest';

/**
 * Waits until something holds. vitest's own limit of a second is too short for a machine that does other things besides.
 *
 * @param condition throws while it does not hold
 * @returns what the condition returned
 */
export function eventually<T>(condition: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(condition, { timeout: 100_000, interval: 5 });
}
