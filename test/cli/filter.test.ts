import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { pairHeaders } from '../../src/proxy/headers.ts';
import {
  type CliEnd,
  journalsOf,
  type ListeningCli,
  newPlace,
  type Place,
  runCli,
  startListening,
} from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { ask, curl } from '../helpers/http-client.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { httpUpstream, type Upstream } from '../helpers/upstream.ts';

const withCurl = testWith('curl', '--version');

/** An upstream that keeps the header lines of each request and answers with a redirect. */
async function witness(): Promise<Upstream & { readonly seen: Header[][] }> {
  const seen: Header[][] = [];
  const upstream = await httpUpstream((request, response) => {
    seen.push(pairHeaders(request.rawHeaders));
    response.writeHead(302, { Location: '/next', 'Set-Cookie': 'a=1' }).end();
  });
  return Object.assign(Object.create(upstream) as Upstream, { seen });
}

const startFilter = (place: Place, ...args: string[]): Promise<ListeningCli> =>
  startListening(place, ['filter', '--no-upstream', ...args]);

/** The JSON log lines on standard error. */
const logLines = ({ stderr }: Pick<CliEnd, 'stderr'>): Record<string, unknown>[] =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('wrong usage ends with exit code 2 and one line:', () => {
  test.each<[why: string, args: readonly string[], said: RegExp]>([
    ['no origin', ['--allow-origin', 'client.test'], /--allow-origin "client\.test": write an/],
    ['an origin with a path', ['--allow-origin', 'http://a.test/app'], /write an origin/],
    ['an empty origin', ['--allow-origin='], /--allow-origin "": write an origin/],
    ['the origin null', ['--allow-origin', 'null'], /--allow-origin "null": any page/],
    ['any origin, unconfirmed', ['--allow-origin', '*'], /add --allow-any-origin/],
    [
      'any origin and one',
      ['--allow-any-origin', '--allow-origin', 'http://a.test'],
      /--allow-any-origin contradicts --allow-origin http:\/\/a\.test/,
    ],
    ['an empty prefix', ['--prefix', ''], /--prefix "": write the beginning of a header name/],
    ['an illegal prefix', ['--prefix', 'My Own:'], /--prefix "My Own:": write the beginning/],
    ['a prefix that marks everything', ['--prefix', 'Ho'], /--prefix "Ho": headers with this/],
    ['other redirects', ['--redirects', 'some'], /--redirects "some": write marked, all or none/],
    ['a recording option', ['-o', 'a.json'], /unknown option '-o'/],
    ['a method that is none', ['--methods', '('], /--methods "\(": write methods/],
    ['a host that is none', ['--host', 'a b'], /--host "a b": write a host/],
    ['a glob that is none', ['--url', '['], /--url "\[": /],
    ['an upstream and none', ['--upstream', 'http://p', '--no-upstream'], /contradict/],
  ])('%s', async (_, args, said) => {
    const { code, stdout, stderr } = await runInProcess(await newPlace(), ['filter', ...args]);
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/^pmproxy: [^\n]+\n$/);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('a rewriting option of save without --filter-headers', async () => {
    const { code, stderr } = await runInProcess(await newPlace(), ['save', '--redirects', 'all']);
    expect([code, stderr]).toEqual([2, 'pmproxy: --redirects needs --filter-headers.\n']);
  });
});

withCurl('curl sends marked headers as the documentation shows', async () => {
  const upstream = await witness();
  const filter = await startFilter(await newPlace());
  const marks = ['-H', 'Postman-Origin: http://a.test', '-H', 'Postman-User-Agent: x'];
  const { stdout } = await curl('-x', filter.proxy, '-i', ...marks, `${upstream.url}/`);
  expect(upstream.seen).toEqual([
    [
      ['Host', upstream.host],
      ['Accept', '*/*'],
      ['Origin', 'http://a.test'],
      ['User-Agent', 'x'],
    ],
  ]);
  expect(stdout).toContain('Postman-Location: /next');
});

test('the log line of a rewritten exchange shows the names of the set headers but not their values', async () => {
  const upstream = await witness();
  const filter = await startFilter(await newPlace());
  await ask(filter, `${upstream.url}/a?token=s3cret-query`, {
    headers: ['Postman-Cookie', 'id=s3cret-cookie', 'Postman-Origin', 'http://s3cret-origin'],
  });
  await ask(filter, `${upstream.url}/unmarked`);
  const end = await filter.end('SIGTERM');
  const rewritten = logLines(end).filter(({ msg }) => msg === 'rewritten');
  expect(rewritten).toEqual([
    expect.objectContaining({
      exchange: expect.objectContaining({
        method: 'GET',
        url: `${upstream.url}/a?…`,
        status: 302,
        rewritten: ['Cookie', 'Origin'],
      }),
    }),
  ]);
  expect(end.stderr).not.toMatch(/s3cret|unmarked/);
});

test('pretty lines fit the width', async () => {
  const upstream = await witness();
  const filter = await startFilter(await newPlace(), '--log-format', 'pretty');
  const names = ['Cookie', 'Origin', 'User-Agent', 'Referer', 'Accept-Encoding', 'Via'];
  await ask(filter, `${upstream.url}/${'long/'.repeat(20)}`, {
    headers: names.flatMap((name) => [`Postman-${name}`, 'x']),
  });
  const { stderr } = await filter.end('SIGTERM');
  const line = stderr.split('\n').find((text) => text.startsWith('GET')) ?? '';
  expect(line).toMatch(/^GET {5}302 {2}http:\S+…\S+ {2}set Cookie, Origin \+4 {2,}\d[\w. ]*s$/);
  expect(line.length).toBeLessThanOrEqual(80);
});

test('the filter ends with a summary and leaves no files behind', async () => {
  const upstream = await witness();
  const place = await newPlace();
  const filter = await startFilter(place);
  for (const headers of [['Postman-Via', 'x'], ['Postman-Via', 'y'], []]) {
    await ask(filter, upstream.url, { headers });
  }
  const end = await filter.end('SIGINT');
  expect(end.code).toBe(0);
  expect(end.stdout).toBe('');
  expect(logLines(end).at(-1)).toMatchObject({
    rewritten: 2,
    passed: 3,
    msg: 'Rewrote 2 of 3 requests.',
  });
  expect(await journalsOf(place)).toEqual([]);
  expect(await readdir(place.folder)).toEqual([]);
});

test.each<[string, string[], RegExp]>([
  ['none', [], /^No page may read answers yet: --allow-origin <its origin>$/],
  [
    'one',
    ['--allow-origin', 'http://Client.test/'],
    /^Pages of http:\/\/client\.test may use it\.$/,
  ],
  ['any', ['--allow-any-origin'], /^Pages of any origin may use it\.$/],
])('the log says which pages may use the filter: %s', async (_, args, said) => {
  const filter = await startFilter(await newPlace(), ...args);
  const messages = logLines(await filter.end('SIGTERM')).map(({ msg }) => msg);
  expect(messages).toContainEqual(expect.stringMatching(said));
});

test('the filter explains a refusal to the client only, and continues', async () => {
  const upstream = await witness();
  const filter = await startFilter(await newPlace());
  const refused = await ask(filter, upstream.url, { headers: ['Postman-Upgrade', 'h2c'] });
  expect(refused.status).toBe(400);
  expect(refused.body.toString()).toContain('Postman-Upgrade cannot be set');
  expect((await ask(filter, upstream.url, { headers: ['Postman-Via', 'x'] })).status).toBe(302);
  const end = await filter.end('SIGTERM');
  expect(end.stderr).not.toMatch(/bug|error/i);
  expect(logLines(end).at(-1)?.['msg']).toBe('Rewrote 1 of 1 request.');
});

describe('what is rewritten can be limited', () => {
  const cases: [string, string[], (upstream: Upstream) => [string, string]][] = [
    ['--url', ['--url', '/api/**'], ({ url }) => [`${url}/api/x`, `${url}/page`]],
    [
      '--host',
      ['--host', 'localhost'],
      ({ port }) => [`http://localhost:${port}/`, `http://127.0.0.1:${port}/`],
    ],
  ];
  test.each(cases)('by %s', async (_, args, urls) => {
    const upstream = await witness();
    const filter = await startFilter(await newPlace(), ...args);
    const headers = ['Postman-Via', 'x'];
    const [inside, outside] = urls(upstream);
    await ask(filter, inside, { headers });
    await ask(filter, outside, { headers });
    const marked = upstream.seen.map((lines) => lines.some(([name]) => name === 'Postman-Via'));
    expect(marked).toEqual([false, true]);
    const end = await filter.end('SIGTERM');
    expect(logLines(end).at(-1)?.['msg']).toBe('Rewrote 1 of 2 requests.');
  });

  test('by --methods, where a preflight counts as the request that it asks about', async () => {
    const upstream = await witness();
    const page = 'http://client.test';
    const limits = ['--methods', 'put,DELETE', '--allow-origin', page];
    const filter = await startFilter(await newPlace(), ...limits);
    const preflight = (method: string) =>
      ask(filter, upstream.url, {
        method: 'OPTIONS',
        headers: [
          ...['Origin', page, 'Access-Control-Request-Method', method],
          ...['Access-Control-Request-Headers', 'postman-via'],
        ],
      });
    expect((await preflight('PUT')).status).toBe(204);
    expect((await preflight('POST')).status).toBe(302);
    const headers = ['Postman-Via', 'x'];
    await ask(filter, upstream.url, { method: 'DELETE', headers });
    await ask(filter, upstream.url, { headers });
    const names = upstream.seen.map((lines) => lines.map(([name]) => name).join());
    expect(names.slice(1)).toEqual([
      expect.not.stringContaining('Postman-Via'),
      expect.stringContaining('Postman-Via'),
    ]);
  });
});

test('--prefix marks requests and responses', async () => {
  const upstream = await witness();
  const filter = await startFilter(await newPlace(), '--prefix', 'X-Fwd-');
  const headers = ['x-fwd-Origin', 'http://a.test', 'Postman-Via', 'x'];
  const { header } = await ask(filter, upstream.url, { headers });
  expect(upstream.seen[0]).toEqual(
    expect.arrayContaining([
      ['Origin', 'http://a.test'],
      ['Postman-Via', 'x'],
    ]),
  );
  expect(header('x-fwd-location')).toBe('/next');
});

test('--redirects and --allow-origin reach the proxy', async () => {
  const upstream = await witness();
  const flags = ['--redirects', 'all', '--allow-origin', 'https://client.test/'];
  const filter = await startFilter(await newPlace(), ...flags);
  const page = await ask(filter, upstream.url, { headers: ['Origin', 'https://client.test'] });
  expect(page.header('access-control-allow-origin')).toBe('https://client.test');
  expect(page.header('postman-location')).toBe('/next');
  const other = await ask(filter, upstream.url, { headers: ['Origin', 'https://evil.test'] });
  expect(other.header('access-control-allow-origin')).toBeUndefined();
});

test('--allow-any-origin allows every page, with a warning', async () => {
  const upstream = await witness();
  const flags = ['--allow-origin', '*', '--allow-any-origin'];
  const filter = await startFilter(await newPlace(), ...flags);
  const { header } = await ask(filter, upstream.url, { headers: ['Origin', 'null'] });
  expect(header('access-control-allow-origin')).toBe('null');
  const end = await filter.end('SIGTERM');
  expect(logLines(end).filter(({ level }) => level === 40)).toEqual([
    expect.objectContaining({ msg: expect.stringContaining('any page can now reach all servers') }),
  ]);
});

test('a command after -- is filtered, and its exit code becomes the exit code of pmproxy', async () => {
  const upstream = await witness();
  const script = `fetch('${upstream.url}', { headers: { 'Postman-Origin': 'http://a.test' }, redirect: 'manual' })
    .then(({ headers }) => process.exit(headers.get('postman-location') === '/next' ? 7 : 1))`;
  const args = ['filter', '--no-upstream', '--', process.execPath, '-e', script];
  const { code } = await runCli(await newPlace(), args);
  expect(code).toBe(7);
  expect(upstream.seen[0]).toContainEqual(['Origin', 'http://a.test']);
});

describe('save --filter-headers', () => {
  test('rewrites while recording: the record shows what the server was sent', async () => {
    const upstream = await witness();
    const place = await newPlace();
    const options = ['--filter-headers', '--prefix', 'X-Fwd-', '-o', 'out.json', '--no-upstream'];
    const recording = ['--restricted-headers', '--no-variables', '--secrets', 'keep'];
    const save = await startListening(place, ['save', ...options, ...recording]);
    await ask(save, `${upstream.url}/a`, {
      headers: ['Origin', 'http://page.test', 'X-Fwd-Origin', 'http://a.test', 'X-A', '1'],
    });
    expect((await save.end('SIGTERM')).code).toBe(0);
    const { item } = JSON.parse(await readFile(place.path('out.json'), 'utf8'));
    const lines = (list: { key: string; value: string }[]) =>
      list.map(({ key, value }) => [key, value]);
    const sent = lines(item[0].request.header).filter(([key]) => /origin|x-/i.test(key ?? ''));
    expect(sent).toEqual([
      ['Origin', 'http://a.test'],
      ['X-A', '1'],
    ]);
    expect(upstream.seen[0]).toEqual(expect.arrayContaining(sent));
    expect(lines(item[0].response[0].header)).toContainEqual(['Location', '/next']);
  });

  test('is off unless asked for', async () => {
    const upstream = await witness();
    const place = await newPlace();
    const save = await startListening(place, ['save', '-o', 'out.json', '--no-upstream']);
    const { header } = await ask(save, upstream.url, { headers: ['Postman-Via', 'x'] });
    expect(header('location')).toBe('/next');
    expect(upstream.seen[0]).toContainEqual(['Postman-Via', 'x']);
    await save.end('SIGTERM');
  });
});
