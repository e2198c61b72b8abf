import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { casePath, convert, convertToFolder, stored } from '../helpers/documents.ts';
import { type SeenRequest, startEchoServer } from '../helpers/echo-server.ts';
import { newFolder } from '../helpers/folder.ts';
import { runCollection } from '../helpers/runners.ts';
import { runScript } from '../helpers/scripts.ts';

/** What a server sees of a request that does not differ each time. */
const said = ({ method, target, headers, body }: SeenRequest) => {
  const type = headers.find(([name]) => /^content-type$/i.test(name))?.[1] ?? '';
  const boundary = /boundary=(.*)/.exec(type)?.[1];
  const plain = (text: string) => (boundary ? text.replaceAll(boundary, 'BOUNDARY') : text);
  const own = headers.filter(([name]) => !/^(?:postman-token|host|content-length)$/i.test(name));
  return {
    method,
    target,
    headers: own.map(([name, value]) => `${name.toLowerCase()}: ${plain(value)}`).sort(),
    body: plain(body.toString('latin1')),
  };
};

/** One collection of all these cases, with every host the server's. */
async function allCases(names: readonly string[], origin: string): Promise<string> {
  const { host, port } = new URL(origin);
  const read = names.map(async (name) => JSON.parse(await readFile(casePath(name), 'utf8')));
  const items = (await Promise.all(read)).flatMap(({ item }) => item);
  const text = JSON.stringify(items)
    .replaceAll(/https?:\/\/(?:a\.test|127\.0\.0\.1:\d+)/g, origin)
    .replaceAll('"protocol":"https"', '"protocol":"http"')
    .replaceAll(/"host":\["a","test"\]/g, `"host":["127","0","0","1"],"port":"${port}"`)
    .replaceAll(/"port":"77\d\d"/g, `"port":"${port}"`);
  expect(text).toContain(host);
  const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
  return JSON.stringify({ info: { name: 'All', schema }, item: JSON.parse(text) });
}

const cases = [
  'own-request',
  'variables-in-text-formats',
  'disabled',
  'path-variables',
  'lower-case-method',
  'left-over-body',
  'disabled-query-in-raw',
  'imported-host',
];
const values = { apiKey: 'k', sku: 's', shopId: '7', lang: 'de' };

describe('newman sends the same requests', () => {
  test('of a collection and of its conversion', { timeout: 240_000 }, async () => {
    const { origin, seen } = await startEchoServer();
    const run = async (path: string) => {
      await runCollection('newman', path, values);
      return seen.splice(0).map(said);
    };
    const original = await stored(await allCases(cases, origin));
    const expected = await run(original);
    expect(expected).toHaveLength(cases.length);
    for (const format of ['postman', 'postman-v2.0', 'postman-v1'] as const) {
      const { text } = await convert(original, format);
      const path = await stored(text);
      // newman runs no version 1.
      const runnable =
        format === 'postman-v1' ? await stored((await convert(path, 'postman')).text) : path;
      expect([format, await run(runnable)]).toEqual([format, expected]);
    }
    const { folder } = await convertToFolder(original);
    expect(await run(await stored((await convert(folder, 'postman')).text))).toEqual(expected);
  });
});

test('a shell script sends the same requests', async () => {
  const { origin, seen } = await startEchoServer();
  const original = await stored(await allCases(cases, origin));
  await runCollection('newman', original, values);
  const bare = ({ method, target, body }: SeenRequest) => [method, target, String(body)];
  const expected = seen.splice(0).map(bare);
  const { text } = await convert(original, 'curl');
  const { code, stderr } = await runScript(await newFolder(), text, values);
  expect([code, stderr]).toEqual([0, '']);
  expect(seen.map(bare)).toEqual(expected);
});

test.each(['curl', 'http', 'har', 'openapi'] as const)(
  'a left-over body of another method is not in %s',
  async (format) => {
    const { text } = await convert(casePath('left-over-body'), format);
    expect(text).not.toContain('over');
  },
);

test('a left-over body is not in version 3, which would send it', async () => {
  const { folder, losses } = await convertToFolder(casePath('left-over-body'));
  expect(await readFile(join(folder, 'list.request.yaml'), 'utf8')).not.toContain('over');
  expect(losses).toEqual([{ kind: 'bodies that runners do not send', place: ['list'] }]);
});

test.each(['curl', 'http', 'har', 'openapi', 'postman-v1'] as const)(
  'the parts of a URL take precedence over raw in %s',
  async (format) => {
    const { text } = await convert(casePath('disabled-query-in-raw'), format);
    expect(text).not.toContain('key?x=1&dis=2');
  },
);

test('only a recording makes a runner leave out Host', async () => {
  const { text } = await convert(casePath('imported-host'), 'postman');
  expect(text).not.toContain('disabledSystemHeaders');
  expect((await convert(casePath('imported-host'), 'curl')).text).not.toContain('Host');
});
