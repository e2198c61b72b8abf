import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appended } from '../helpers/collections.ts';
import { exchange } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { renderAs } from '../helpers/har.ts';
import { open, openContent } from '../helpers/inputs.ts';

const DEPTH = 100_000;
const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';

const nestedV2 = (depth: number) => {
  const innermost = '{"name":"in","request":{"method":"GET","url":"http://api.test/in"}}';
  const after = '{"name":"after","request":{"method":"GET","url":"http://api.test/after"}}';
  const items = `${'{"name":"f","item":['.repeat(depth)}${innermost}${']}'.repeat(depth)}`;
  return `{"info":{"name":"deep","schema":"${SCHEMA}"},"item":[${items},${after}]}`;
};

async function urlsIn(input: Awaited<ReturnType<typeof open>>): Promise<string[]> {
  const urls: string[] = [];
  for await (const { request } of input.read()) urls.push(request.url);
  return urls;
}

test('a request in 100,000 folders of a collection v2 is read, and so are later requests', async () => {
  const urls = await urlsIn(await openContent(nestedV2(DEPTH)));
  expect(urls).toEqual(['http://api.test/in', 'http://api.test/after']);
});

test('a request in 100,000 folders of a collection v1 is read, and so are later requests', async () => {
  const request = (id: string) => ({ id, url: `http://api.test/${id}`, method: 'GET' });
  const folders = Array.from({ length: DEPTH }, (_, n) => ({
    id: `f${n}`,
    folders_order: [`f${n + 1}`],
    order: n === DEPTH - 1 ? ['in'] : [],
  }));
  const collection = {
    id: 'c',
    name: 'deep',
    order: ['after'],
    folders_order: ['f0'],
    folders,
    requests: [request('after'), request('in')],
  };
  const urls = await urlsIn(await openContent(collection));
  expect(urls).toEqual(['http://api.test/in', 'http://api.test/after']);
});

test('a collection v3 is read as deep as the system opens folders', async () => {
  const root = await newFolder();
  mkdirSync(join(root, '.resources'));
  writeFileSync(join(root, '.resources', 'definition.yaml'), '$kind: collection\n');
  const folder = join(root, 'f/'.repeat(1500));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'in.request.yaml'), 'url: http://api.test/in\nmethod: GET\n');
  expect(await urlsIn(await open(root))).toEqual(['http://api.test/in']);
});

test('values with 100,000 levels in a collection are sent unchanged', async () => {
  const variables = `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`;
  const body = `{"mode":"graphql","graphql":{"query":"{me}","variables":${variables}}}`;
  const request = `{"method":"POST","url":"http://api.test/","body":${body}}`;
  const text = `{"info":{"schema":"${SCHEMA}"},"item":[{"name":"x","request":${request}}]}`;
  const input = await openContent(text);
  for await (const exchange of input.read()) {
    const bytes = await exchange.request.body?.bytes();
    expect(
      Buffer.from(bytes ?? []).toString() === `{"query":"{me}","variables":${variables}}`,
    ).toBe(true);
  }
  expect(input.size).toBe(1);
});

test('appending to a collection that is nested too deeply is refused with a message', async () => {
  const rendered = await renderAs('postman', [exchange()]);
  await expect(appended(nestedV2(DEPTH), rendered, 'api.json')).rejects.toThrow(
    'Cannot append to api.json: it is not a Postman collection v2.1.0 (it is nested more than 1000 levels deep).',
  );
  expect(await appended(nestedV2(400), rendered)).toContain('"in"');
});
