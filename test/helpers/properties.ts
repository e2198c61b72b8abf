import fc from 'fast-check';

export { fc };

const factor = Number(process.env['PMPROXY_FUZZ_FACTOR'] ?? 1);

/** How many times a property is tried: this often in an ordinary run, and a multiple of it by `npm run fuzz`. */
export function runs(ordinary: number): number {
  return ordinary * factor;
}

// An ordinary run judges a change, so its result must not depend on luck; `npm run fuzz` looks for unexpected inputs.
fc.configureGlobal({ seed: Number(process.env['PMPROXY_FUZZ_SEED'] ?? 1), numRuns: runs(100) });
