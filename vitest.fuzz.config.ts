import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

const seed = process.env['PMPROXY_FUZZ_SEED'] ?? String(randomInt(2 ** 31));
const factor = process.env['PMPROXY_FUZZ_FACTOR'] ?? '20';

export default defineConfig({
  test: {
    ...ordinary.test,
    include: testsWithProperties(),
    exclude: [],
    globalSetup: ['test/helpers/fuzz-seed.ts', ...[ordinary.test?.globalSetup ?? []].flat()],
    env: { PMPROXY_FUZZ_SEED: seed, PMPROXY_FUZZ_FACTOR: factor },
    testTimeout: 3_600_000,
  },
});

function testsWithProperties(): string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts') && /\bfc\./.test(readFileSync(path, 'utf8')));
}
