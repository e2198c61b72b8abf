import { describe, expect, test } from 'vitest';
import { createPairingCodes } from '../../src/hub/interceptors/pairing-codes.ts';

describe('a pairing code', () => {
  test('is valid once, however it is typed', () => {
    const codes = createPairingCodes();
    const { code } = codes.issue();
    expect(code).toMatch(/^[2-9A-HJ-NP-TW-Z]{4}-[2-9A-HJ-NP-TW-Z]{4}$/);
    expect(codes.redeem(` ${code.toLowerCase().replace('-', ' ')}`)).toBe(true);
    expect(codes.redeem(code)).toBe(false);
  });

  test('is spent after five wrong ones', () => {
    const codes = createPairingCodes();
    const { code } = codes.issue();
    for (let tries = 0; tries < 4; tries += 1) expect(codes.redeem('2222-2222')).toBe(false);
    expect(codes.redeem(code)).toBe(true);
    const next = codes.issue().code;
    for (let tries = 0; tries < 5; tries += 1) expect(codes.redeem('')).toBe(false);
    expect(codes.redeem(next)).toBe(false);
  });

  test('is valid for five minutes, and until the next one', () => {
    let now = 0;
    const codes = createPairingCodes(() => now);
    const first = codes.issue();
    expect(first.validForMs).toBe(300_000);
    const second = codes.issue();
    expect(codes.redeem(first.code)).toBe(false);
    now = 299_999;
    expect(codes.redeem(second.code)).toBe(true);
    const third = codes.issue();
    now += 300_000;
    expect(codes.redeem(third.code)).toBe(false);
  });
});
