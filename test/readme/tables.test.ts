import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { formatIds, formats } from '../../src/exporters/index.ts';
import { clientOptions } from '../../src/options/client.ts';
import type { OptionTable } from '../../src/options/option.ts';
import { proxyOptions } from '../../src/options/proxy.ts';
import { recordedOptions } from '../../src/options/recorded.ts';
import { rewrittenOptions } from '../../src/options/rewritten.ts';
import { pushedOptions, tcpOptions } from '../../src/options/sync.ts';
import { markdownTable } from '../../src/options/table.ts';
import { writtenOptions } from '../../src/options/written.ts';

const tables: Readonly<Record<string, OptionTable>> = {
  client: clientOptions,
  proxy: proxyOptions,
  pushed: pushedOptions,
  recorded: recordedOptions,
  rewritten: rewrittenOptions,
  tcp: tcpOptions,
  written: writtenOptions(formatIds),
};

const formatTable = [
  '| format | `-o` ends in | |',
  '| --- | --- | --- |',
  ...Object.values(formats).map(
    ({ id, endings, about }) =>
      `| \`${id}\` | ${endings.map((ending) => `\`${ending}\``).join(' ')} | ${about} |`,
  ),
].join('\n');

// After a change of an option or a format: npx vitest run test/readme -u
test("the README's tables and files are those of the sources", async () => {
  const root = new URL('../../', import.meta.url);
  const readme = new URL('README.md', root).pathname;
  const text = await readFile(readme, 'utf8');
  const files = new Map(
    await Promise.all(
      [...text.matchAll(/<!-- file: (\S+) -->/g)].map(
        async ([, name = '']) => [name, await readFile(new URL(name, root), 'utf8')] as const,
      ),
    ),
  );
  const expected = text
    .replace(
      /<!-- options: (\w+) -->[\s\S]*?<!-- \/options -->/g,
      (_, name: string) =>
        `<!-- options: ${name} -->\n\n${markdownTable(tables[name] ?? {}).trim()}\n\n<!-- /options -->`,
    )
    .replace(
      /<!-- formats -->[\s\S]*?<!-- \/formats -->/,
      () => `<!-- formats -->\n\n${formatTable}\n\n<!-- /formats -->`,
    )
    .replace(
      /<!-- file: (\S+) -->[\s\S]*?<!-- \/file -->/g,
      (_, name: string) =>
        `<!-- file: ${name} -->\n\n\`\`\`js\n${files.get(name)?.trim()}\n\`\`\`\n\n<!-- /file -->`,
    );
  await expect(expected).toMatchFileSnapshot(readme);
});
