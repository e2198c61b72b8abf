import { describe, expect, test } from 'vitest';
import { casePath, convert, convertToFolder, stored } from '../helpers/documents.ts';
import { startEchoServer } from '../helpers/echo-server.ts';
import { newFolder } from '../helpers/folder.ts';
import { runCollection } from '../helpers/runners.ts';
import { runScript } from '../helpers/scripts.ts';

const helpers = casePath('auth-helpers');

type Helper = { type: string; [type: string]: unknown };

const authsIn = (text: string): (Helper | undefined)[] =>
  (JSON.parse(text).item as { request: { auth?: Helper } }[]).map(({ request }) => request.auth);

test('literal secrets of auth helpers become variables, and variables are kept', async () => {
  const { text } = await convert(helpers, 'postman');
  for (const secret of ['password1', 'SECRETSECRETSECRET12']) expect(text).not.toContain(secret);
  const [variables, literal, bearer, empty, apikey] = authsIn(text);
  expect(variables).toEqual({
    type: 'basic',
    basic: [
      { key: 'username', value: '{{user}}' },
      { key: 'password', value: '{{pw}}' },
    ],
  });
  expect(literal).toMatchObject({
    basic: [{ value: 'postman' }, { value: expect.stringMatching(/^\{\{\w+\}\}$/) }],
  });
  expect(bearer).toMatchObject({ bearer: [{ value: '{{tok}}' }] });
  expect(empty).toMatchObject({ bearer: [{ value: '' }] });
  expect(apikey).toMatchObject({ apikey: [{}, { value: '{{apiKey}}' }, { value: 'query' }] });
  const declared = JSON.parse(text).variable as { key: string; value: string }[];
  expect(declared.map(({ key }) => key)).not.toContain('tok');
  expect(declared.every(({ value }) => value === '')).toBe(true);
});

test('version 2.0 and 3 have every helper too', async () => {
  const expected = authsIn((await convert(helpers, 'postman')).text).map((auth) => auth?.type);
  const older = authsIn((await convert(helpers, 'postman-v2.0')).text);
  expect(older.map((auth) => auth?.type)).toEqual(expected);
  const { folder } = await convertToFolder(helpers);
  const again = await convert(folder, 'postman');
  expect(authsIn(again.text).map((auth) => auth?.type)).toEqual(expected);
});

test('newman sends what the original collection sends', async () => {
  const { origin, seen } = await startEchoServer();
  const values = { user: 'u:ü', pw: 'p w', tok: 't0k', apiKey: 'k&1', sid: 's', s: 'secret' };
  // What signs a request anew each time sends something else each time.
  const signed = ['oauth1', 'hawk', 'awsv4', 'ntlm', 'digest'];
  const sent = async (text: string) => {
    const collection = JSON.parse(text.replaceAll('https://a.test', origin));
    collection.item = (collection.item as { request: { auth?: Helper } }[]).filter(
      ({ request: { auth } }) => !signed.includes(auth?.type ?? ''),
    );
    await runCollection('newman', await stored(JSON.stringify(collection)), values);
    const asked = seen.splice(0).map(({ target, headers }) => [
      target,
      headers.filter(([name]) => /^(?:authorization|x-api-key|cookie)$/i.test(name)),
    ]);
    return asked;
  };
  const original = await sent((await convert(helpers, 'postman', { secrets: 'keep' })).text);
  const { readFile } = await import('node:fs/promises');
  expect(await sent(await readFile(helpers, 'utf8'))).toEqual(original);
  expect(original[0]).toEqual([
    '/basic-vars',
    [['Authorization', `Basic ${Buffer.from('u:ü:p w').toString('base64')}`]],
  ]);
});

describe('a format of single requests', () => {
  test('sends user and password in a shell script', async () => {
    const { origin, seen } = await startEchoServer();
    const { text } = await convert(helpers, 'curl');
    const [head = '', ...calls] = text.split('\n\n');
    const basic = calls.filter((call) => call.startsWith('# basic vars\n'));
    const script = [head, ...basic].join('\n\n').replaceAll('https://a.test', origin);
    const { code } = await runScript(await newFolder(), script, { user: 'me', pw: 'p"$w' });
    expect(code).toBe(0);
    const expected = `Basic ${Buffer.from('me:p"$w').toString('base64')}`;
    expect(seen[0]?.headers).toContainEqual(['Authorization', expected]);
  });

  test('has Basic with variables as its programs read it in a file of requests', async () => {
    const { text } = await convert(helpers, 'http');
    expect(text).toContain('\nAuthorization: Basic {{user}} {{pw}}\n');
    expect(text).toContain('### bearer empty\nGET https://a.test/bearer-empty\n\n');
  });

  test.each([
    ['curl', ['hawk', 'jwt', 'oauth1', 'oauth2']],
    ['http', ['hawk', 'jwt', 'ntlm', 'oauth1', 'oauth2']],
    ['openapi', ['awsv4', 'hawk', 'ntlm', 'oauth1']],
    ['har', ['awsv4', 'digest', 'hawk', 'jwt', 'ntlm', 'oauth1', 'oauth2']],
  ] as const)('reports the auth that %s cannot express, also at its place', async (format, types) => {
    const { text, losses } = await convert(helpers, format);
    const told = losses.map(({ kind }) => kind.replace('auth of type ', '')).sort();
    expect(told).toEqual(types);
    if (format === 'har') return;
    for (const type of types) expect(text).toMatch(new RegExp(`auth .*of type ${type}`, 'i'));
  });
});
