import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { graphqlText } from '../../src/document/graphql-text.ts';
import type { Exchange, Header, Recording } from '../../src/exchange.ts';
import type { GivenOptions } from '../../src/exporters/exporter.ts';
import { folderExporters } from '../../src/exporters/index.ts';
import { fileNames } from '../../src/exporters/postman-v3/file-names.ts';
import { anyExchange } from '../helpers/any-exchange.ts';
import type { ItemRequest } from '../helpers/collection-schema.ts';
import { attachments, itemsIn, render } from '../helpers/collections.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { hardRecording } from '../helpers/hard-recording.ts';
import { fc, runs } from '../helpers/properties.ts';
import { migrateCollection } from '../helpers/runners.ts';

/** Everything that is written, by path. */
async function filesOf(
  source: readonly Exchange[] | Recording,
  options: Partial<GivenOptions> = {},
): Promise<Map<string, string>> {
  const recording = 'read' in source ? source : recordingOf(source);
  const files = new Map<string, string>();
  const rendered = folderExporters['postman-v3'].renderFiles(recording, {
    name: 'hard',
    ...options,
  });
  for await (const { path, chunks } of rendered) {
    expect(files.has(path)).toBe(false);
    let text = '';
    for await (const chunk of chunks) text += chunk;
    files.set(path, text);
  }
  return files;
}

async function filesIn(folder: string): Promise<Map<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return new Map(
    await Promise.all(
      paths.map(async (path) => [relative(folder, path), await readFile(path, 'utf8')] as const),
    ),
  );
}

/** GraphQL calls as the JSON that they are; the migration fails on their examples. */
function withoutGraphql(request: ItemRequest): void {
  const { body } = request;
  if (body?.mode !== 'graphql') return;
  const raw = graphqlText(body.graphql);
  request.body = { mode: 'raw', raw, options: { raw: { language: 'json' } } };
}

/** What the Postman CLI makes of our v2.1 of the same recording. */
async function migrated(
  source: readonly Exchange[] | Recording,
  options: Partial<GivenOptions> = {},
): Promise<Map<string, string>> {
  const collection = await render(source, { name: 'hard', group: 'auto', ...options });
  for (const { request, response } of itemsIn(collection)) {
    withoutGraphql(request);
    for (const { originalRequest } of response) withoutGraphql(originalRequest);
  }
  const folder = await newFolder();
  await writeFile(join(folder, 'v2.1.json'), JSON.stringify(collection));
  await migrateCollection(join(folder, 'v2.1.json'), join(folder, 'v3'));
  const files = await filesIn(join(folder, 'v3'));
  // An empty path, of a file that was not chosen, would make the run fail.
  return new Map([...files].map(([path, text]) => [path, text.replaceAll('src: ""', 'src: []')]));
}

/** The content of the files, in order; pmproxy quotes more than the migration does. */
const sorted = (files: ReadonlyMap<string, string>) =>
  Object.fromEntries(
    [...files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, text]) => [path, JSON.stringify(parse(text), null, 1)]),
  );

/** Version 2.1 has no items for WebSockets, so the migration makes none. */
async function withoutSockets(recording: Recording): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  for await (const one of recording.read()) if (one.webSocket === undefined) exchanges.push(one);
  return exchanges;
}

test.each<Partial<GivenOptions>>([
  {},
  { group: 'none', dedupe: false, variables: false, restrictedHeaders: true },
  { group: 'path', shape: 'endpoints', tests: true },
])(
  'every file equals the migration of v2.1 by the Postman CLI: %j',
  { timeout: 120_000 },
  async (options) => {
    const { attach } = attachments();
    const recording = await withoutSockets(hardRecording());
    const files = await filesOf(recording, { attach, ...options });
    expect(sorted(files)).toEqual(sorted(await migrated(recording, { attach, ...options })));
  },
);

/** The migration draws an id for each. */
const withoutAuthIds = (files: ReadonlyMap<string, string>) =>
  new Map([...files].map(([path, text]) => [path, text.replace(/^( +- id: )[\da-f-]+$/gm, '$1…')]));

test('every file equals the migration when a collection or a folder has auth', {
  timeout: 120_000,
}, async () => {
  const headers: Header[] = [['Authorization', 'Bearer q7Rk2mX9vB4tL0pZ']];
  const asked = (path: string) => exchange({ url: `http://api.test${path}`, headers });
  const shared = ['/users/1', '/users/2', '/orders/1', '/orders/2'].map(asked);
  const options = { group: 'auto', sharedAuth: true } as const;
  for (const source of [shared, [exchange({ url: 'http://api.test/' }), ...shared]]) {
    const ours = sorted(withoutAuthIds(await filesOf(source, options)));
    expect(ours).toEqual(sorted(withoutAuthIds(await migrated(source, options))));
  }
});

test('every file equals the migration for random exchanges', { timeout: 120_000 }, async () => {
  // The migration writes a folder that is called so into the one above.
  const inDots = ({ request }: Exchange) => /\/\.\.?(?=[/?]|$)/.test(request.url);
  const sampled = fc.sample(anyExchange, { numRuns: runs(150) }).filter((one) => !inDots(one));
  const exchanges = await withoutSockets(recordingOf(sampled));
  const options = { secrets: 'keep', restrictedHeaders: true } as const;
  const files = await filesOf(exchanges, options);
  expect(sorted(files)).toEqual(sorted(await migrated(exchanges, options)));
});

test('no folder has a name that is reserved or taken', async () => {
  const urls = ['..', '.', '.resources'].flatMap((name) => [`/${name}/a`, `/${name}/b`]);
  const files = await filesOf(urls.map((path) => exchange({ url: `http://a.test${path}` })));
  const folders = [...files.keys()].map((path) => path.slice(0, path.indexOf('/')));
  expect(new Set(folders)).toEqual(new Set(['.. 1', '. 1', '.resources 1', '.resources']));
});

describe('file names', () => {
  const nameAll = (...names: string[]) => {
    const { claim } = fileNames(['Taken']);
    return names.map((name) => claim(name, 'request'));
  };

  test('are valid on every file system and differ in more than case', () => {
    expect(nameAll('GET /a', 'GET //A', 'get :a', 'taken', 'a 1', 'A', 'a', 'a')).toEqual([
      'GET -a',
      'GET -A 1',
      'get -a 2',
      'taken 1',
      'a 1',
      'A',
      'a 2',
      'a 3',
    ]);
    expect(nameAll('', ' ', 'tab\tnul\0', ' x ')).toEqual([
      'request',
      'request 1',
      'tab-nul-',
      'x',
    ]);
  });

  test('leave room for an ending and contain whole characters', () => {
    const [first = '', second = ''] = nameAll('\u{1f600}'.repeat(200), '\u{1f600}'.repeat(200));
    expect(first).toMatch(/^(\u{1f600})+$/u);
    expect(second).toBe(`${first} 1`);
    expect(Buffer.byteLength(`${second}.request.yaml`)).toBeLessThanOrEqual(255);
  });
});
