import fc from 'fast-check';

export { fc };

const factor = Number(process.env['PMPROXY_FUZZ_FACTOR'] ?? 1);

/** How many times a property is tried: this often in an ordinary run, and a multiple of it by `npm run fuzz`. */
export function runs(ordinary: number): number {
  return ordinary * factor;
}

// An ordinary run judges a change and must not hang on luck; to look for what nobody thought of is for `npm run fuzz`.
fc.configureGlobal({ seed: Number(process.env['PMPROXY_FUZZ_SEED'] ?? 1), numRuns: runs(100) });
