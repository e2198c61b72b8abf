import { defineConfig } from 'vitest/config';

const report = process.env['PMPROXY_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
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
