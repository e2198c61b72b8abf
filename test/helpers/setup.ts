import { afterAll } from 'vitest';

// A warning of the process (a leaked listener, a deprecated call) is a defect like any other.
const warnings: Error[] = [];
process.on('warning', (warning) => warnings.push(warning));

afterAll(() => {
  const seen = warnings.splice(0);
  if (seen.length > 0) {
    throw new Error(`Process warnings: ${seen.map((warning) => warning.stack).join('\n')}`);
  }
});
