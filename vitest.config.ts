import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/helpers/longest-first.ts';

/** What `npm run test:slow` runs, and `npm test` does not. */
export const slowTests = 'test/**/*.slow.test.ts';

const report = process.env['PMPROXY_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, slowTests],
    sequence: { sequencer: LongestFirst },
    // What hangs is given up; nothing is timed. A busy machine is many times slower than a quiet one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Most tests wait for sockets and programs, not for a processor.
    maxWorkers: 3,
    setupFiles: ['test/helpers/setup.ts'],
    globalSetup: ['test/helpers/build.ts'],
    ...(report !== undefined && {
      reporters: ['default', 'json'],
      outputFile: { json: report },
    }),
  },
});
