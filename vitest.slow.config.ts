import { defineConfig } from 'vitest/config';
import ordinary, { slowTests } from './vitest.config.ts';

/** The tests that take longest: large bodies, many clients, texts that grow, programs of others. */
export default defineConfig({
  test: { ...ordinary.test, include: [slowTests], exclude: [] },
});
