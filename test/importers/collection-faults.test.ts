import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { CollectionEvent } from '../../src/collection.ts';
import { eventsIn } from '../helpers/documents.ts';
import { newFolder } from '../helpers/folder.ts';
import { folderWith, openCollection } from '../helpers/inputs.ts';
import { zipOf } from '../helpers/zip.ts';

const schema = (version: string) =>
  `https://schema.getpostman.com/json/collection/v${version}/collection.json`;
const item = (name: string, rest: object = {}) => ({
  name,
  request: { method: 'GET', url: `http://api.test/${name}` },
  ...rest,
});
const v2 = (version: string, list: unknown[], rest: object = {}) => ({
  info: { name: 'Shop', schema: schema(version) },
  ...rest,
  item: list,
});
const v1Request = (id: string, rest: object = {}) => ({
  id,
  name: id,
  url: `http://api.test/${id}`,
  method: 'GET',
  ...rest,
});

type Read = { readonly outline: string; readonly faults: readonly string[] };

/** Reads all that can be read, as with --lenient. */
async function read(path: string): Promise<Read> {
  const faults: string[] = [];
  const collection = await openCollection(path, ({ message }) =>
    faults.push(message.replace(path, 'in')),
  );
  return { outline: outlineOf(await eventsIn(collection)), faults };
}

function outlineOf(events: readonly CollectionEvent[]): string {
  const words = events.map((event) => {
    if (event.kind === 'begin') return `${event.head.name}: `;
    if (event.kind === 'folder') return `[${event.folder.name} `;
    if (event.kind === 'item') return `(${event.item.name} `;
    if (event.kind === 'example') return `<${event.example.name}>`;
    return event.kind === 'end' ? ')' : '';
  });
  return words.join('');
}

async function readContent(content: unknown): Promise<Read> {
  const text = Buffer.isBuffer(content) ? content : JSON.stringify(content, null, 1);
  const path = join(await newFolder(), 'in.json');
  await writeFile(path, text);
  return read(path);
}

describe.each(['2.0.0', '2.1.0'])('in a collection v%s', (version) => {
  test('a folder whose own members cannot be read keeps its name and its items', async () => {
    const { outline, faults } = await readContent(
      v2(version, [{ name: 'F', auth: 'x', item: [item('a')] }, item('b')]),
    );
    expect(outline).toBe('Shop: [F (a ))(b )');
    expect(faults).toEqual(['in, line 7: item[0].auth must be an object, not a string.']);
  });

  test('a collection whose own members cannot be read keeps its name', async () => {
    const { outline, faults } = await readContent(v2(version, [item('a')], { event: {} }));
    expect(outline).toBe('Shop: (a )');
    expect(faults).toEqual(['in, line 1: event must be an array, not an object.']);
  });

  test('a folder without a list of items is empty, and any other value is a fault', async () => {
    const list = [{ name: 'F', item: null }, { name: 'G', item: 'x' }, item('b')];
    const { outline, faults } = await readContent(v2(version, list));
    expect(outline).toBe('Shop: [F )(b )');
    expect(faults).toEqual(['in, line 11: item[1].item must be an array, not a string.']);
  });

  test('an example that cannot be read costs itself alone', async () => {
    const response = [5, { name: 'good', code: 200 }, { name: 'bad', header: 7 }];
    const { outline, faults } = await readContent(
      v2(version, [{ name: 'F', item: [item('a', { response })] }]),
    );
    expect(outline).toBe('Shop: [F (a <good>))');
    expect(faults).toEqual([
      expect.stringContaining('item[0].item[0].response[0] must be an object, not a number.'),
      expect.stringContaining('item[0].item[0].response[2].header must be an array'),
    ]);
  });
});

test('a fault in a collection v1 names the line, and a folder that is none is left out', async () => {
  const { outline, faults } = await readContent({
    id: 'c',
    name: 'Shop',
    folders: [5, { id: 'f', name: 'F', order: ['a'], auth: 'x' }],
    requests: [v1Request('a'), v1Request('bad', { headers: 5 }), v1Request('b')],
  });
  expect(outline).toBe('Shop: [F (a ))(b )');
  expect(faults).toEqual([
    'in, line 5: folders[0] must be an object, not a number.',
    'in, line 6: folders[1].auth must be an object, not a string.',
    'in, line 22: requests[1].headers must be an array, not a number.',
  ]);
});

test('a list of folders that is none costs the folders of a collection v1 alone', async () => {
  const { outline, faults } = await readContent({ folders: 'x', requests: [v1Request('a')] });
  expect(outline).toBe(': (a )');
  expect(faults).toEqual(['in: folders must be an array, not a string.']);
});

describe('in a collection v3', () => {
  const good = '$kind: http-request\nurl: http://api.test/\nmethod: GET\n';

  test('a fault names the file and the line, and a folder keeps its name', async () => {
    const { outline, faults } = await read(
      await folderWith({
        '.resources/definition.yaml': '$kind: collection\nname: Shop\n',
        'F/.resources/definition.yaml': 'name: Pets\n\nscripts: x\n',
        'F/a.request.yaml': good,
        'F/bad.request.yaml': `${good}headers:\n  - key: a\n  - 5\n`,
        'F/.resources/a.resources/examples/x.example.yaml': 'response:\n  body: 5\n',
      }),
    );
    expect(outline).toBe('Shop: [Pets (a ))');
    expect(faults).toEqual([
      'in: F/.resources/definition.yaml, line 3: scripts must be an array, not a string.',
      'in: F/.resources/a.resources/examples/x.example.yaml, line 2: response.body must be an object, not a number.',
      'in: F/bad.request.yaml, line 6: headers[1] must be an object, not a number.',
    ]);
  });

  test('values that contain themselves, multiply or are nested too deeply are faults', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf'].map((two) => [...two]))
      bomb.push(`${name}: &${name} [${`*${before},`.repeat(9)}]`);
    const { outline, faults } = await read(
      await folderWith({
        '.resources/definition.yaml': 'name: Shop\n',
        'bomb.request.yaml': `${good}${bomb.join('\n')}\n`,
        'cycle.request.yaml': `${good}more: &more\n  - *more\n`,
        'deep.request.yaml': `${good}more: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
        'good.request.yaml': `${good}more: &more\n  - 1\nagain: *more\n`,
      }),
    );
    expect(outline).toBe('Shop: (good )');
    expect(faults).toEqual([
      expect.stringMatching(/^in: bomb\.request\.yaml: Excessive alias count/),
      'in: cycle.request.yaml: a value in it contains itself through an alias.',
      'in: deep.request.yaml: its YAML is nested too deeply.',
    ]);
  });

  test('a definition that is a folder is a fault, not the absence of one', async () => {
    const { outline, faults } = await read(
      await folderWith({
        'a.request.yaml': good,
        'F/.resources/definition.yaml/x': 'x',
        'F/b.request.yaml': good,
      }),
    );
    expect(outline).toContain('[F (b ))');
    expect(faults).toEqual([expect.stringMatching(/definition\.yaml: EISDIR/)]);
  });
});

const contents = {
  v1: { id: 'c', name: 'Shop', requests: [v1Request('a'), v1Request('ü')] },
  'v2.0': v2('2.0.0', [item('a'), item('ü')]),
  'v2.1': v2('2.1.0', [item('a'), item('ü')]),
};
const packings: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: (text) => gzipSync(text),
  zip: (text) => zipOf({ 'shop.json': text }),
  'UTF-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
};
const packed = Object.entries(contents).flatMap(([version, content]) =>
  Object.entries(packings).map(([packing, pack]) => ({
    version,
    packing,
    content: pack(JSON.stringify(content)),
  })),
);

test.each(packed)('a collection $version in $packing is read', async ({ content }) => {
  expect(await readContent(content)).toEqual({ outline: 'Shop: (a )(ü )', faults: [] });
});
