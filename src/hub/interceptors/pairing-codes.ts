import { randomInt } from 'node:crypto';
import type { PairingCode } from '../../sync/wire/interceptor.ts';
import { comparer } from '../access.ts';

/** Without the characters that are mistaken for one another: 0 and O, 1 and I and L, U and V. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTWXYZ';
const length = 8;
const validForMs = 5 * 60 * 1000;
const triesAllowed = 5;

/** The code that pairs the next extension. There is one at a time. */
export type PairingCodes = {
  /** Replaces the code by a new one, which is valid for 5 minutes, once, and for 5 tries. */
  issue(): PairingCode;
  /** Whether this is the code. It is spent then; a wrong one costs a try. */
  redeem(typed: string): boolean;
};

/** @param now the time in milliseconds */
export function createPairingCodes(now: () => number = Date.now): PairingCodes {
  let current: { isCode: (typed: string) => boolean; expires: number; tries: number } | undefined;
  return {
    issue() {
      const code = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
      current = { isCode: comparer(code), expires: now() + validForMs, tries: triesAllowed };
      return { code: `${code.slice(0, 4)}-${code.slice(4)}`, validForMs };
    },
    redeem(typed) {
      if (current === undefined || now() >= current.expires) return false;
      const isRight = current.isCode(typed.toUpperCase().replace(/[\s-]+/g, ''));
      current.tries -= 1;
      if (isRight || current.tries === 0) current = undefined;
      return isRight;
    },
  };
}
