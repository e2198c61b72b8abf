import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { formatIds, formats } from '../../src/exporters/index.ts';
import { clientOptions } from '../../src/options/client.ts';
import { checkingOptions, comparedOptions, ignoringOptions } from '../../src/options/compared.ts';
import { grpcOptions } from '../../src/options/grpc.ts';
import { interceptorOptions } from '../../src/options/interceptor.ts';
import { mockedOptions } from '../../src/options/mocked.ts';
import type { OptionTable } from '../../src/options/option.ts';
import { proxyOptions } from '../../src/options/proxy.ts';
import { recordedOptions } from '../../src/options/recorded.ts';
import { rewrittenOptions } from '../../src/options/rewritten.ts';
import { pushedOptions, shownOptions, tcpOptions } from '../../src/options/sync.ts';
import { markdownTable } from '../../src/options/table.ts';
import { workersOptions } from '../../src/options/workers.ts';
import { writtenOptions } from '../../src/options/written.ts';
import { clientTable } from '../helpers/client-table.ts';
import { documents, root } from '../helpers/documentation.ts';

const tables: Readonly<Record<string, OptionTable>> = {
  client: clientOptions,
  grpc: grpcOptions,
  checked: checkingOptions,
  compared: comparedOptions,
  mocked: { ...mockedOptions, ...ignoringOptions },
  interceptor: interceptorOptions,
  proxy: { ...proxyOptions, ...workersOptions },
  pushed: pushedOptions,
  recorded: recordedOptions,
  rewritten: rewrittenOptions,
  shown: shownOptions,
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
test.each(await documents())('the tables and files in %s match the sources', async (name) => {
  const text = await readFile(new URL(name, root), 'utf8');
  const files = new Map(
    await Promise.all(
      [...text.matchAll(/<!-- file: (\S+) -->/g)].map(
        async ([, file = '']) => [file, await readFile(new URL(file, root), 'utf8')] as const,
      ),
    ),
  );
  const expected = text
    .replace(
      /<!-- options: (\w+) -->[\s\S]*?<!-- \/options -->/g,
      (_, table: string) =>
        `<!-- options: ${table} -->\n\n${markdownTable(tables[table] ?? {}).trim()}\n\n<!-- /options -->`,
    )
    .replace(
      /<!-- formats -->[\s\S]*?<!-- \/formats -->/,
      () => `<!-- formats -->\n\n${formatTable}\n\n<!-- /formats -->`,
    )
    .replace(
      /<!-- clients -->[\s\S]*?<!-- \/clients -->/,
      () => `<!-- clients -->\n\n${clientTable()}\n\n<!-- /clients -->`,
    )
    .replace(
      /<!-- file: (\S+) -->[\s\S]*?<!-- \/file -->/g,
      (_, file: string) =>
        `<!-- file: ${file} -->\n\n\`\`\`js\n${files.get(file)?.trim()}\n\`\`\`\n\n<!-- /file -->`,
    );
  await expect(expected).toMatchFileSnapshot(new URL(name, root).pathname);
});

test('every table of options, of formats and of clients is in the documentation', async () => {
  const texts = await Promise.all(
    (await documents()).map((name) => readFile(new URL(name, root), 'utf8')),
  );
  const marks = texts.flatMap((text) => [
    ...text.matchAll(/<!-- (options: \w+|formats|clients) -->/g),
  ]);
  const named = Object.keys(tables).map((name) => `options: ${name}`);
  const expected = [...named, 'formats', 'clients'];
  expect(new Set(marks.map(([, mark]) => mark))).toEqual(new Set(expected));
});
