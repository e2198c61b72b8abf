import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { casePath, convert, convertToFolder, stored } from '../helpers/documents.ts';
import { startEchoServer } from '../helpers/echo-server.ts';
import { newFolder } from '../helpers/folder.ts';
import { meaningOf } from '../helpers/meaning.ts';
import { runCollection } from '../helpers/runners.ts';
import { runScript } from '../helpers/scripts.ts';

const postmanFormats = ['postman', 'postman-v2.0', 'postman-v1'] as const;

describe.each(['url-variable', 'host-variable', 'dynamic-variables', 'variables-in-text-formats'])(
  'the variables of %s',
  (name) => {
    test('stay as they are in every Postman format', async () => {
      const expected = await meaningOf(casePath(name));
      for (const format of postmanFormats) {
        const { text } = await convert(casePath(name), format);
        expect([format, await meaningOf(await stored(text))]).toEqual([format, expected]);
      }
      const { folder } = await convertToFolder(casePath(name));
      expect(await meaningOf(folder)).toEqual(expected);
    });
  },
);

test('a URL that begins with a variable is sent to the host in the environment', async () => {
  const { origin, seen } = await startEchoServer();
  const { text } = await convert(casePath('url-variable'), 'postman');
  await runCollection('newman', await stored(text), { apiUrl: origin });
  const script = await convert(casePath('url-variable'), 'curl');
  const { code, stderr } = await runScript(await newFolder(), script.text, { apiUrl: origin });
  expect([code, stderr]).toEqual([0, '']);
  const asked = seen.map(({ method, target, body }) => `${method} ${target} ${body}`);
  const both = ['GET /users?page=1 ', 'POST /users {"name":"a"}'];
  expect(asked).toEqual([...both, ...both]);
});

test('a shell script reports a variable without a value', async () => {
  const { text } = await convert(casePath('url-variable'), 'curl');
  expect(text).toContain('--url "${apiUrl:?}/users"');
  const { code, stderr } = await runScript(await newFolder(), text);
  expect(code).not.toBe(0);
  expect(stderr).toContain('apiUrl');
});

test('a file of requests keeps variables', async () => {
  const file = async (name: string) => (await convert(casePath(name), 'http')).text;
  expect(await file('url-variable')).toContain('\nPOST {{apiUrl}}/users\n');
  expect(await file('host-variable')).toContain('\nGET http://localhost:{{port}}/api/users\n');
  const order = await file('variables-in-text-formats');
  expect(order).toContain('\nPOST https://a.test/shops/{{shopId}}/orders?lang={{lang}}\n');
  expect(order).toContain('\nX-Api-Key: {{apiKey}}\n');
  expect(order).toContain('\n{"sku":"{{sku}}"}\n');
});

test('a shell script has a variable in the URL, the headers and the body', async () => {
  const { origin, seen } = await startEchoServer();
  const { text } = await convert(casePath('variables-in-text-formats'), 'curl');
  const script = text.replaceAll('https://a.test', origin);
  const values = { shopId: '7', lang: 'de', apiKey: "k'\"$x", sku: 'a b' };
  const { code, stderr } = await runScript(await newFolder(), script, values);
  expect([code, stderr]).toEqual([0, '']);
  expect(seen).toMatchObject([{ method: 'POST', target: '/shops/7/orders?lang=de' }]);
  expect(seen[0]?.headers).toContainEqual(['X-Api-Key', "k'\"$x"]);
  expect(String(seen[0]?.body)).toBe('{"sku":"a b"}');
});

test('a dynamic variable in a body leaves it raw', async () => {
  const { text } = await convert(casePath('dynamic-variables'), 'postman');
  expect(JSON.parse(text).item[0].request.body).toEqual({
    mode: 'raw',
    raw: '{"email":"{{$randomEmail}}","id":"{{$guid}}"}',
    options: { raw: { language: 'json' } },
  });
});

describe('OpenAPI', () => {
  const document = async (name: string) =>
    parse((await convert(casePath(name), 'openapi')).text) as {
      servers: unknown;
      paths: Record<string, Record<string, { summary: string }>>;
    };

  test('has a server with the variable that a URL begins with', async () => {
    const { servers, paths } = await document('url-variable');
    expect(servers).toEqual([
      { url: '{apiUrl}', variables: { apiUrl: { default: 'http://localhost' } } },
    ]);
    expect(Object.keys(paths)).toEqual(['/users']);
    expect(paths['/users']).toMatchObject({
      get: { summary: 'List users' },
      post: { summary: 'Create user' },
    });
  });

  test('declares the variables in hosts and ports', async () => {
    const { servers } = await document('host-variable');
    expect(servers).toEqual([
      { url: 'https://{domain}', variables: { domain: { default: 'localhost' } } },
      { url: 'https://{tenant}.shop.test', variables: { tenant: { default: 'tenant' } } },
      { url: 'http://localhost:{port}', variables: { port: { default: '80' } } },
    ]);
  });

  test('has a parameter for a variable in a path', async () => {
    const { paths } = await document('variables-in-text-formats');
    expect(Object.keys(paths)).toEqual(['/shops/{shopId}/orders']);
  });
});

describe('HAR', () => {
  const urls = async (name: string, values?: Readonly<Record<string, string>>) => {
    const { text } = await convert(casePath(name), 'har', { ...(values && { values }) });
    const { entries } = JSON.parse(text).log as { entries: { request: { url: string } }[] };
    return entries.map(({ request }) => request.url);
  };

  test('has the values of an environment instead of variables', async () => {
    const values = { apiUrl: 'https://{{stage}}.api.test', stage: 'dev' };
    expect(await urls('url-variable', values)).toEqual([
      'https://dev.api.test/users?page=1',
      'https://dev.api.test/users',
    ]);
  });

  test('has the text of a variable without a value', async () => {
    expect(await urls('url-variable')).toEqual(['{{apiUrl}}/users?page=1', '{{apiUrl}}/users']);
  });

  test('has no secret value unless secrets are kept', async () => {
    const values = { apiKey: 'k3y-k3y-k3y-k3y' };
    const redacted = await convert(casePath('variables-in-text-formats'), 'har', { values });
    expect(redacted.text).toContain('{{apiKey}}');
    expect(redacted.text).not.toContain('k3y');
    const kept = await convert(casePath('variables-in-text-formats'), 'har', {
      values,
      secrets: 'keep',
    });
    expect(kept.text).toContain('k3y-k3y');
  });
});
