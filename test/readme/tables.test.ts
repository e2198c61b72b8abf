import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { formatIds } from '../../src/exporters/index.ts';
import { clientOptions } from '../../src/options/client.ts';
import type { OptionTable } from '../../src/options/option.ts';
import { proxyOptions } from '../../src/options/proxy.ts';
import { recordedOptions } from '../../src/options/recorded.ts';
import { rewrittenOptions } from '../../src/options/rewritten.ts';
import { markdownTable } from '../../src/options/table.ts';
import { writtenOptions } from '../../src/options/written.ts';

const tables: Readonly<Record<string, OptionTable>> = {
  client: clientOptions,
  proxy: proxyOptions,
  recorded: recordedOptions,
  rewritten: rewrittenOptions,
  written: writtenOptions(formatIds),
};

// After a change of an option: npx vitest run test/readme -u
test("the README's option tables are those of the declarations", async () => {
  const readme = new URL('../../README.md', import.meta.url).pathname;
  const text = await readFile(readme, 'utf8');
  const expected = text.replace(
    /<!-- options: (\w+) -->[\s\S]*?<!-- \/options -->/g,
    (_, name: string) =>
      `<!-- options: ${name} -->\n\n${markdownTable(tables[name] ?? {}).trim()}\n\n<!-- /options -->`,
  );
  await expect(expected).toMatchFileSnapshot(readme);
});
