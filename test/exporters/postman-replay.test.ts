import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Exchange, Header } from '../../src/exchange.ts';
import type { ExportOptions } from '../../src/exporters/exporter.ts';
import { renderText } from '../helpers/collections.ts';
import { startEchoServer } from '../helpers/echo-server.ts';
import { exchange } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { hardRequests } from '../helpers/hard-requests.ts';
import { expectSame, hardRequestsTo } from '../helpers/replays.ts';
import { runCollection, runnerNames } from '../helpers/runners.ts';

async function replay(
  runner: (typeof runnerNames)[number],
  exchanges: readonly Exchange[],
  options: Partial<ExportOptions>,
  values: Record<string, string> = {},
): Promise<void> {
  const folder = await newFolder();
  await mkdir(join(folder, 'recorded.files'));
  const attach = async (name: string, bytes: Uint8Array) => {
    await writeFile(join(folder, 'recorded.files', basename(name)), bytes);
    return `recorded.files/${basename(name)}`;
  };
  const file = join(folder, 'recorded.json');
  await writeFile(file, await renderText(exchanges, { attach, ...options }));
  await runCollection(runner, file, values);
}

describe.each(runnerNames)('%s', (runner) => {
  test(`replays ${hardRequests.length} hard requests as they were recorded`, async () => {
    const { origin, seen } = await startEchoServer();
    const exchanges = hardRequestsTo(origin);
    await replay(runner, exchanges, { secrets: 'keep' });
    await expectSame(seen, exchanges);
  });

  test('replays them with hosts written out and nothing put together, too', async () => {
    const { origin, seen } = await startEchoServer();
    const exchanges = hardRequestsTo(origin);
    await replay(runner, exchanges, { secrets: 'keep', variables: false, dedupe: false });
    await expectSame(seen, exchanges);
  });

  test('adds no header that was not recorded but Host and Connection', async () => {
    const { origin, seen } = await startEchoServer();
    const headers: Header[] = [['Host', new URL(origin).host]];
    // The server sets a cookie each time, which the recorded client did not send back.
    const response = { headers: [['Set-Cookie', 'visited=yes; Path=/'] as const] };
    const exchanges = ['GET', 'POST', 'DELETE'].map((method) =>
      exchange({ url: `${origin}/bare`, method, headers, response }),
    );
    await replay(runner, exchanges, {});
    expect(seen.map((request) => request.headers.map(([name]) => name.toLowerCase()))).toEqual([
      ['host', 'connection'],
      ['host', 'connection'],
      ['host', 'connection'],
    ]);
  });

  test('sends restricted headers when they were kept, and no cookies of its own', async () => {
    const { origin, seen } = await startEchoServer();
    const headers: Header[] = [
      ['Host', new URL(origin).host],
      ['User-Agent', 'recorded/1.0'],
      ['Accept-Encoding', 'identity'],
      ['Origin', 'http://other.test'],
      ['Referer', 'http://other.test/page'],
      ['Sec-Fetch-Site', 'cross-site'],
      ['Cookie', 'sid=1; theme=dark'],
      ['Content-Length', '9999'],
      ['Transfer-Encoding', 'chunked'],
      ['Trailer', 'Expires'],
      ['Expect', '100-continue'],
      ['Content-Type', 'application/x-www-form-urlencoded'],
    ];
    const url = `${origin}/all`;
    const exchanges = [
      exchange({ url: `${origin}/first` }),
      exchange({ url, headers, body: 'a=b+c' }),
    ];
    await replay(runner, exchanges, { secrets: 'keep', restrictedHeaders: true });
    const got = new Map(seen[1]!.headers.map(([name, value]) => [name.toLowerCase(), value]));
    for (const name of [
      'user-agent',
      'accept-encoding',
      'origin',
      'referer',
      'sec-fetch-site',
      'cookie',
    ]) {
      expect([name, got.get(name)]).toEqual([
        name,
        headers.find(([key]) => key.toLowerCase() === name)?.[1],
      ]);
    }
    expect(seen[1]!.body.toString()).toBe('a=b%20c');
  });

  test('sends secrets again when their variables are given', async () => {
    const { origin, seen } = await startEchoServer();
    const values: Record<string, string> = {};
    const onSecret = (variable: string, value: string) => {
      values[variable] = value;
    };
    const headers: Header[] = [
      ['Host', new URL(origin).host],
      ['Authorization', 'Bearer s3cret'],
      ['Cookie', 'sid=abc; theme=dark'],
    ];
    const exchanges = [exchange({ url: `${origin}/me`, headers })];
    await renderText(exchanges, { secrets: 'env', restrictedHeaders: true, onSecret });
    await replay(runner, exchanges, { secrets: 'env', restrictedHeaders: true }, values);
    const got = new Map(seen.at(-1)!.headers.map(([name, value]) => [name.toLowerCase(), value]));
    expect(got.get('authorization')).toBe('Bearer s3cret');
    expect(got.get('cookie')).toBe('sid=abc; theme=dark');
  });
});
