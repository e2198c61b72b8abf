import type { TestProject } from 'vitest/node';

/** Says with which seed `npm run fuzz` runs; the configuration is also loaded by tools that run nothing. */
export function setup({ config: { env } }: TestProject): void {
  const { PMPROXY_FUZZ_SEED: seed, PMPROXY_FUZZ_FACTOR: factor } = env;
  process.stdout.write(`PMPROXY_FUZZ_SEED=${seed} PMPROXY_FUZZ_FACTOR=${factor}\n`);
}
