import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Collection } from '../helpers/collections.ts';
import { newFolder } from '../helpers/folder.ts';
import { harComplaints } from '../helpers/har.ts';
import { type RunnerName, runCollection, runnerNames } from '../helpers/runners.ts';
import { askClient, entry, newClient, newPage, newProxy } from '../helpers/running-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const fileIn = (folder: string, name: string) => join(folder, `${name}.postman_collection.json`);
const read = async (path: string): Promise<Collection> => JSON.parse(await readFile(path, 'utf8'));
const namesIn = async (path: string) => (await read(path)).item.map(({ name }) => name);
const calls = (...paths: string[]) =>
  Promise.all(paths.map((path) => entry({ url: `http://api.test${path}` })));

test('calls are added to the target as they arrive, and flushed at the end', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  const path = fileIn(client.collections, 'shop');
  await proxy.push(...(await calls('/before')));
  page.send({ type: 'target', collection: 'shop' });
  await page.state(({ target }) => target === 'shop');
  await proxy.push(...(await calls('/a')));
  expect(await page.next('saved')).toEqual({ type: 'saved', collection: 'shop', added: 1 });
  await page.state(({ collections }) => collections.includes('shop'));
  await proxy.push(...(await calls('/b', '/c')));
  await client.close();
  expect(await namesIn(path)).toEqual(['GET /a', 'GET /b', 'GET /c']);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('after the target is unset, calls stay in the history only', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  page.send({ type: 'target', collection: 'shop' });
  await page.state(({ target }) => target === 'shop');
  await proxy.push(...(await calls('/a')));
  page.send({ type: 'target' });
  await page.state(({ target }) => target === undefined);
  await proxy.push(...(await calls('/b')));
  await page.next('saved');
  await client.close();
  expect(await namesIn(fileIn(client.collections, 'shop'))).toEqual(['GET /a']);
});

test('clearing keeps calls that still wait for the target', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  page.send({ type: 'target', collection: 'shop' });
  await page.state(({ target }) => target === 'shop');
  const all = await calls('/a', '/b', '/c');
  await proxy.push(...all);
  page.send({ type: 'clear' });
  await page.next('cleared');
  expect(await namesIn(fileIn(client.collections, 'shop'))).toHaveLength(3);
});

test('ticked rows are added to a collection that a person has edited, and the edits stay', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  await proxy.push(...(await calls('/a', '/b', '/c')));
  await page.shows(3);
  page.send({ type: 'save', collection: 'mine', rows: [1] });
  expect(await page.next('saved')).toMatchObject({ collection: 'mine', added: 1 });
  const path = fileIn(client.collections, 'mine');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"GET /a"', '"the first one"'));
  page.send({ type: 'save', collection: 'mine', rows: [1, 3] });
  expect(await page.next('saved')).toMatchObject({ added: 1 });
  expect(await namesIn(path)).toEqual(['the first one', 'GET /c']);
  // Nobody else is told that somebody saved; that there is a collection is told to all.
  expect((await (await newPage(client)).state(() => true)).collections).toEqual(['mine']);
});

test('a file that is not a collection is refused with a message and stays unchanged', async () => {
  const client = await newClient();
  const path = fileIn(client.collections, 'notes');
  await writeFile(path, 'remember the milk');
  const page = await newPage(client);
  await (await newProxy(client)).push(...(await calls('/a')));
  await page.shows(1);
  page.send({ type: 'save', collection: 'notes', rows: 'all' });
  expect((await page.next('failure')).message).toMatch(/notes.*is not a Postman collection/);
  expect(await readFile(path, 'utf8')).toBe('remember the milk');
});

test('a target that cannot be written is reported once, and is written completely later', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  const path = fileIn(client.collections, 'shop');
  await mkdir(path);
  page.send({ type: 'target', collection: 'shop' });
  await page.state(({ target }) => target === 'shop');
  await proxy.push(...(await calls('/a')));
  expect((await page.next('failure')).message).toMatch(/^shop cannot be written: .*is a folder/);
  await proxy.push(...(await calls('/b')));
  page.send({ type: 'clear' });
  expect((await page.next('failure')).message).toMatch(/^2 calls are not in the collection shop: /);
  expect(page.events.some(({ type }) => type === 'cleared')).toBe(false);
  await rm(path, { recursive: true });
  await page.next('saved');
  expect(await namesIn(path)).toEqual(['GET /a', 'GET /b']);
});

test('what two pages and the target save at the same time is complete', async () => {
  const client = await newClient();
  const pages = await Promise.all([newPage(client), newPage(client)]);
  const proxy = await newProxy(client);
  pages[0]!.send({ type: 'target', collection: 'all' });
  await pages[0]!.state(({ target }) => target === 'all');
  await proxy.push(...(await calls('/1', '/2', '/3', '/4', '/5', '/6')));
  for (const [at, page] of pages.entries()) {
    await page.shows(6);
    for (const row of [1, 2, 3]) {
      page.send({ type: 'save', collection: 'all', rows: [row + 3 * at] });
    }
  }
  await client.close();
  const names = await namesIn(fileIn(client.collections, 'all'));
  expect(names.toSorted()).toEqual([1, 2, 3, 4, 5, 6].map((n) => `GET /${n}`));
  expect(await readdir(client.collections)).toHaveLength(1);
});

test('what a page has saved is written before the client is stopping', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  await proxy.push(...(await calls(...Array.from({ length: 300 }, (_, i) => `/${i}`))));
  await page.shows(300);
  page.send({ type: 'save', collection: 'all', rows: 'all' });
  // An answer to what was said later.
  page.send({ type: 'disconnect' });
  await page.state(({ connected }) => !connected);
  await client.close();
  expect(await namesIn(fileIn(client.collections, 'all'))).toHaveLength(300);
  expect(await readdir(client.collections)).toHaveLength(1);
});

test('collections and exports have no secrets, unless secrets are kept', async () => {
  const headers = [['Authorization', 'Bearer s3cr3t-value']] as const;
  const call = await entry({ headers });
  for (const secrets of ['redact', 'keep'] as const) {
    const client = await newClient({ secrets });
    const page = await newPage(client);
    await (await newProxy(client)).push(call);
    await page.shows(1);
    page.send({ type: 'save', collection: 'saved', rows: 'all' });
    await page.next('saved');
    const texts = [await readFile(fileIn(client.collections, 'saved'), 'utf8')];
    for (const format of ['har', 'curl']) {
      const { text } = await exported(client, format, 'all');
      expect(text.length).toBeGreaterThan(100);
      texts.push(text);
    }
    const kept = secrets === 'keep';
    expect(texts.map((text) => text.includes('s3cr3t-value'))).toEqual([kept, kept, kept]);
  }
});

test('the same secret has the same variable in calls that arrive one by one, even if a proxy has replaced it already', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  const values = [
    'Bearer first-s3cret',
    '{{api_token}}',
    'Bearer other-s3cret',
    'Bearer first-s3cret',
  ];
  for (const [at, value] of values.entries()) {
    const headers = [['Authorization', value]] as const;
    await proxy.push(await entry({ url: `http://api.test/${at}`, headers }));
    await page.shows(at + 1);
    page.send({ type: 'save', collection: 'saved', rows: [at + 1] });
    await page.next('saved');
  }
  const { item, variable } = await read(fileIn(client.collections, 'saved'));
  expect(item.map(({ request }) => request.header[0]?.value)).toEqual([
    'Bearer {{bearer_token}}',
    '{{api_token}}',
    'Bearer {{bearer_token_2}}',
    'Bearer {{bearer_token}}',
  ]);
  expect(variable.filter(({ value }) => value === '').map(({ key }) => key)).toEqual([
    'bearer_token',
    'api_token',
    'bearer_token_2',
  ]);
});

function exported(client: Parameters<typeof askClient>[0], format: string, rows: number[] | 'all') {
  const headers = { authorization: `Bearer ${client.token}` };
  return askClient(client, `/api/${format}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ rows }),
  });
}

test('rows are exported as a valid HAR and as a shell script, in the requested order', async () => {
  const client = await newClient();
  await (await newProxy(client)).push(...(await calls('/a', '/b', '/c')));
  const har = await exported(client, 'har', [3, 1, 99]);
  expect(har.headers).toMatchObject({
    'content-type': 'application/json',
    'content-disposition': 'attachment; filename="pmproxy.har"',
    'cache-control': 'no-store',
  });
  const parsed = JSON.parse(har.text);
  expect(harComplaints(parsed)).toBeNull();
  const urls = parsed.log.entries.map(({ request }: { request: { url: string } }) => request.url);
  expect(urls).toEqual(['http://api.test/c', 'http://api.test/a']);
  const curl = await exported(client, 'curl', 'all');
  expect(curl.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(curl.text.match(/^curl /gm)).toHaveLength(3);
});

test.each([
  ['GET', '/api/exchanges/99', undefined, 404, /Call 99 no longer/],
  ['GET', '/api/exchanges/x', undefined, 404, /nothing at/],
  ['POST', '/api/exchanges/1', undefined, 405, /POST is not for/],
  ['GET', '/api/har', undefined, 405, /GET is not for/],
  ['POST', '/api/har', '{"rows":[0]}', 400, /Write \{"rows"/],
  ['POST', '/api/har', 'rows', 400, /Write \{"rows"/],
  ['POST', '/api/curl', ' '.repeat(5_000_000), 413, /Too many rows/],
] as const)('%s %s is answered with a message', async (method, path, body, status, error) => {
  const client = await newClient();
  const headers = { authorization: `Bearer ${client.token}` };
  const told = await askClient(client, path, { method, headers, ...(body && { body }) });
  expect(told.status).toBe(status);
  expect(JSON.parse(told.text).error).toMatch(error);
});

test('an unwritable folder for collections is reported', async () => {
  const collections = await newFolder();
  await writeFile(join(collections, 'file'), '');
  const client = await newClient({ collections: join(collections, 'file', 'folder') });
  const page = await newPage(client);
  await (await newProxy(client)).push(...(await calls('/a')));
  await page.shows(1);
  page.send({ type: 'save', collection: 'x', rows: 'all' });
  expect((await page.next('failure')).message).toMatch(/ENOTDIR/);
});

test.each(runnerNames)(
  'a collection that was filled call by call runs in %s and repeats the requests',
  async (runner: RunnerName) => {
    const seen: string[] = [];
    const upstream = await httpUpstream((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${Buffer.concat(chunks)}`);
        response.setHeader('content-type', 'application/json').end('{"ok":true}');
      });
    });
    const client = await newClient();
    const page = await newPage(client);
    const proxy = await newProxy(client);
    page.send({ type: 'target', collection: 'filled' });
    await page.state(({ target }) => target === 'filled');
    const json = { headers: [['Content-Type', 'application/json']] as const };
    const answer = { response: { body: '{"ok":true}', ...json } };
    await proxy.push(await entry({ url: `${upstream.url}/books?page=1`, ...answer }));
    await page.next('saved');
    const body = '{"title":"Kim"}';
    const sent = { Host: upstream.host, 'Content-Length': String(body.length) };
    const headers = [...Object.entries(sent), ...json.headers];
    const post = { method: 'POST', body, headers, ...answer };
    await proxy.push(
      await entry({ url: `${upstream.url}/books`, ...post }),
      await entry({ url: `${upstream.url}/books/1`, method: 'DELETE', ...answer }),
    );
    await client.close();
    await runCollection(runner, fileIn(client.collections, 'filled'));
    expect(seen).toEqual(['GET /books?page=1 ', 'POST /books {"title":"Kim"}', 'DELETE /books/1 ']);
  },
  180_000,
);
