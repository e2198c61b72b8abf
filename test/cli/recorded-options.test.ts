import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { newPlace, pathsIn, startSave } from '../helpers/cli.ts';
import type { Collection, Item } from '../helpers/collections.ts';
import { ask } from '../helpers/http-client.ts';
import { httpUpstream, type Upstream } from '../helpers/upstream.ts';

/** Answers as the path says: its ending chooses the type, a number at its start the status. */
function upstream(): Promise<Upstream> {
  const types: Readonly<Record<string, string>> = {
    json: 'application/json',
    html: 'text/html',
    png: 'image/png',
    js: 'text/javascript',
    css: 'text/css',
    csv: 'text/csv',
  };
  return httpUpstream((incoming, response) => {
    const { pathname } = new URL(incoming.url ?? '/', 'http://upstream.test');
    const status = Number(/^\/(\d{3})/.exec(pathname)?.[1] ?? 200);
    const type = types[pathname.split('.').at(-1) ?? ''] ?? 'text/plain';
    response.writeHead(status, { 'content-type': type }).end(`"answer to ${pathname}"`);
  });
}

type Asked =
  | string
  | readonly [method: string, path: string, headers?: readonly string[], body?: string];

/** Records these requests with these options; what was recorded, and the place. */
async function record(args: readonly string[], asked: readonly Asked[]) {
  const { url, host, port } = await upstream();
  const place = await newPlace();
  const given = args.map((arg) => arg.replace('{host}', host).replace('{port}', String(port)));
  const cli = await startSave(place, ['-o', 't.json', ...given]);
  for (const one of asked) {
    const [method, path, headers = [], body] = typeof one === 'string' ? ['GET', one] : one;
    const target = url + path;
    await ask(cli, target, { method, headers, ...(body !== undefined && { body }) });
  }
  const { code, stderr } = await cli.end('SIGINT');
  expect(code, stderr).toBe(0);
  const text = await place.read('t.json');
  return { place, text, stderr, url, collection: JSON.parse(text) as Collection };
}

const STATUSES = ['/200', '/204', '/301', '/404', '/500', '/503'];
const TYPES = ['/a.json', '/a.html', '/a.png', '/a.js', '/a.css', '/a.csv'];
const PATHS = ['/api/users', '/api/users/7', '/static/app', '/api/orders?page=2'];

describe('the options choose which exchanges are recorded', () => {
  test.each<[args: string, asked: readonly Asked[], recorded: readonly string[]]>([
    ['--url /api/users/**', PATHS, ['/api/users', '/api/users/7']],
    ['--url /\\/users\\/\\d+$/', PATHS, ['/api/users/7']],
    ['--url http://{host}/static/*', PATHS, ['/static/app']],
    ['--url {host}/api/orders --url /static/*', PATHS, ['/static/app', '/api/orders?page=2']],
    ['--url 127.0.0.1 --not-url /api/**', PATHS, ['/static/app']],
    ['--url other.test', PATHS, []],
    ['--host other.test', PATHS, []],
    ['--host other.test --host 127.0.0.1:{port} --url /static/*', PATHS, ['/static/app']],
    ['--methods post,Put', [['POST', '/a'], '/b', ['PUT', '/c']], ['/a', '/c']],
    ['--status 2xx,404,500-502', STATUSES, ['/200', '/204', '/404', '/500']],
    ['--type json,text/csv', TYPES, ['/a.json', '/a.csv']],
    ['--type image --type css', TYPES, ['/a.png', '/a.css']],
    ['--no-static', TYPES, ['/a.json', '/a.html', '/a.csv']],
  ])('%s', async (args, asked, recorded) => {
    const { text, stderr } = await record(args.split(' '), asked);
    expect(pathsIn(text)).toEqual(recorded);
    expect(stderr).toContain(`${asked.length - recorded.length} filtered out`);
  });

  test('a request that is not recorded is still carried', async () => {
    const { url } = await upstream();
    const cli = await startSave(await newPlace(), ['--host', 'other.test']);
    expect((await ask(cli, `${url}/a.json`)).body.toString()).toBe('"answer to /a.json"');
  });
});

describe('bodies and responses', () => {
  test('--max-body truncates recorded bodies, marks the cut, and passes the whole body', async () => {
    const server = await httpUpstream((incoming, response) => incoming.pipe(response));
    const place = await newPlace();
    const cli = await startSave(place, ['-o', 't.json', '--max-body', '10b']);
    const body = 'the beginning and the rest';
    const answer = await ask(cli, server.url, {
      method: 'POST',
      body,
      headers: ['Content-Type', 'text/plain', 'Content-Length', '26'],
    });
    expect(answer.body.toString()).toBe(body);
    await cli.end('SIGINT');
    const text = await place.read('t.json');
    expect(text).toContain('the beginn');
    expect(text).not.toContain('and the rest');
    expect(text).toMatch(/26 (bytes|B)|10 of 26|cut/);
  });

  test('--no-responses records requests only', async () => {
    const { collection, text } = await record(['--no-responses'], ['/a', '/b']);
    expect(pathsIn(text)).toEqual(['/a', '/b']);
    expect(collection.item.flatMap(({ response }) => response)).toEqual([]);
    expect(text).not.toContain('answer to');
  });
});

describe('headers and secrets', () => {
  const SECRET: Asked = [
    'GET',
    '/a',
    ['Authorization', 'Bearer s3cr3t-value', 'Origin', 'http://a.test', 'X-Kept', 'yes'],
  ];
  const headersIn = ({ item }: { item: Item[] }) => item[0]!.request.header.map(({ key }) => key);

  test('restricted headers are left out unless they are asked for', async () => {
    const without = await record([], [SECRET]);
    expect(headersIn(without.collection)).toContain('X-Kept');
    expect(headersIn(without.collection)).not.toContain('Origin');
    const kept = await record(['--restricted-headers', 'true'], [SECRET]);
    expect(headersIn(kept.collection)).toContain('Origin');
  });

  test('secrets are variables without values', async () => {
    const { text } = await record([], [SECRET]);
    expect(text).not.toContain('s3cr3t-value');
  });

  test('--secrets env writes their values to a private file, which the suggested newman command uses', async () => {
    const { text, place, stderr } = await record(
      ['--secrets', 'env', '--log-format', 'pretty'],
      [SECRET],
    );
    expect(text).not.toContain('s3cr3t-value');
    const file = place.path('t.postman_environment.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { values } = await place.json<Environment>('t.postman_environment.json');
    const [secret] = values.filter(({ value }) => value.includes('s3cr3t-value'));
    expect(text).toContain(`{{${secret?.key}}}`);
    expect(stderr).toContain('Next: npx newman run t.json -e t.postman_environment.json');
  });

  test('--secrets keep writes them unchanged', async () => {
    const { text } = await record(['--secrets', 'keep'], [SECRET]);
    expect(text).toContain('Bearer s3cr3t-value');
  });

  test('--redact adds a name', async () => {
    const asked: Asked = ['GET', '/a?token_x=s3cr3t-query', ['X-House', 's3cr3t-header']];
    const kept = await record([], [asked]);
    expect(kept.text).toContain('s3cr3t-header');
    const { text } = await record(['--redact', 'x-house', '--redact', 'token_x'], [asked]);
    expect(text).not.toMatch(/s3cr3t-(header|query)/);
  });
});

type Environment = { values: { key: string; value: string }[] };

describe('what is written', () => {
  test('identical requests are written once unless --no-dedupe is given', async () => {
    expect(pathsIn((await record([], ['/a', '/b', '/a'])).text)).toEqual(['/a', '/b']);
    const all = await record(['--no-dedupe', '--group', 'none'], ['/a', '/b', '/a']);
    expect(pathsIn(all.text)).toEqual(['/a', '/b', '/a']);
  });

  test('hosts are variables unless --no-variables is given', async () => {
    const raw = ({ collection }: { collection: Collection }) => collection.item[0]?.request.url.raw;
    expect(raw(await record([], ['/a']))).toBe('{{baseUrl}}/a');
    const written = await record(['--no-variables'], ['/a']);
    expect(raw(written)).toBe(`${written.url}/a`);
  });

  test('the collection is named by --name, or else after its file', async () => {
    expect((await record([], [])).collection.info.name).toBe('t');
    expect((await record(['--name', 'My shop'], [])).collection.info.name).toBe('My shop');
  });
});
