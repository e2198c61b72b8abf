import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Exchange, Header } from '../../src/exchange.ts';
import { cookieJar } from '../../src/exporters/cookie-jar.ts';
import { renderText } from '../helpers/collections.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { runCollection, runnerNames } from '../helpers/runners.ts';
import { listen } from '../helpers/upstream.ts';

const at = Date.UTC(2024, 1, 29, 12);

/** An answer from this URL, so many seconds after the first. */
function setting(url: string, seconds: number, ...cookies: readonly string[]): Exchange {
  const headers = cookies.map((value): Header => ['Set-Cookie', value]);
  return { ...exchange({ url, response: { headers } }), startedAt: at + seconds * 1000 };
}

async function jarText(...exchanges: readonly Exchange[]): Promise<string> {
  let text = '';
  for await (const chunk of cookieJar.render(recordingOf(exchanges), { name: 'jar' }))
    text += chunk;
  return text;
}

async function cookiesOf(...exchanges: readonly Exchange[]) {
  const { cookies } = JSON.parse(await jarText(...exchanges));
  return cookies as { key: string; value: string; domain: string; creation: string }[];
}

async function pairsOf(...exchanges: readonly Exchange[]): Promise<string[]> {
  return (await cookiesOf(...exchanges)).map(({ key, value }) => `${key}=${value}`);
}

describe('a jar', () => {
  test('has the last value of each cookie that responses set', async () => {
    const pairs = await pairsOf(
      setting('https://a.test/login', 0, 'sid=1; Path=/; HttpOnly', 'theme=dark'),
      setting('https://a.test/', 1, 'sid=2; Path=/; HttpOnly'),
    );
    expect(pairs.sort()).toEqual(['sid=2', 'theme=dark']);
  });

  test('has no cookie that had expired when the recording ended', async () => {
    const pairs = await pairsOf(
      setting('https://a.test/', 0, 'short=1; Max-Age=10', 'long=1; Max-Age=3600'),
      setting('https://a.test/', 1, 'old=1; Expires=Thu, 29 Feb 2024 11:59:00 GMT'),
      setting('https://a.test/', 2, 'new=1; Expires=Thu, 29 Feb 2024 13:00:00 GMT', 'gone=1'),
      setting('https://a.test/', 60, 'gone=; Max-Age=0'),
    );
    expect(pairs.sort()).toEqual(['long=1', 'new=1']);
  });

  test('has no cookie that the host may not set', async () => {
    const pairs = await pairsOf(
      setting('https://a.test/', 0, 'other=1; Domain=b.test', 'all=1; Domain=com', 'own=1'),
    );
    expect(pairs).toEqual(['own=1']);
  });

  test('takes the creation time of a cookie from the recording, not from the clock', async () => {
    const made = setting('https://a.test/', 5, 'a=1');
    const [cookie] = await cookiesOf(made);
    expect(cookie?.creation).toBe('2024-02-29T12:00:05.000Z');
    expect(await jarText(made)).toBe(await jarText(made));
  });

  test('ignores invalid cookies', async () => {
    expect(
      await pairsOf(setting('no url', 0, 'a=1'), setting('https://a.test/', 0, '', ';;')),
    ).toEqual([]);
  });
});

test.each(runnerNames)('%s starts with the cookies', { timeout: 120_000 }, async (runner) => {
  const cookies: (string | undefined)[] = [];
  const upstream = await listen(
    createServer((request, response) => {
      cookies.push(request.headers.cookie);
      response.writeHead(request.headers.cookie?.includes('sid=s3cret') ? 200 : 401).end();
    }),
    'http',
    '127.0.0.1',
  );
  const folder = await newFolder();
  const sent: Header[] = [
    ['Host', upstream.host],
    ['Cookie', 'sid=s3cret'],
  ];
  const call = exchange({ url: `${upstream.url}/private`, headers: sent });
  await writeFile(join(folder, 'private.json'), await renderText([call]));
  const login = setting(
    `${upstream.url}/login`,
    0,
    'sid=s3cret; Path=/; HttpOnly',
    'x=1; Path=/other',
  );
  await writeFile(join(folder, 'jar.json'), await jarText(login));
  const jar = ['--cookie-jar', join(folder, 'jar.json')];
  await runCollection(runner, join(folder, 'private.json'), {}, jar);
  expect(cookies).toEqual(['sid=s3cret']);
});
