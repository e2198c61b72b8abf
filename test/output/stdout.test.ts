import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const output = fileURLToPath(new URL('../../dist/output/output.js', import.meta.url));

/** Writes many pieces, as `-o -` does during a recording, and prints the growth of the heap in bytes. */
const script = `
  import { writeEachToStdout } from ${JSON.stringify(output)};
  function* pieces() {
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 100_000; count += 1) yield '{}\\n';
    gc();
    console.error(process.memoryUsage().heapUsed - before);
  }
  await writeEachToStdout(pieces());`;

test('text that was written to standard output does not stay in memory', async () => {
  const node = ['--expose-gc', '--input-type=module', '-e', script];
  const { stderr } = await execa(process.execPath, node, { stdout: 'ignore' });
  // A promise that is remembered for each write takes 300 bytes, 30 MB in all.
  expect(Number(stderr)).toBeLessThan(5_000_000);
});
