import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Exchange, Header } from '../../src/exchange.ts';
import { exporters, folderExporters } from '../../src/exporters/index.ts';
import type { SeenRequest } from '../helpers/echo-server.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { open } from '../helpers/inputs.ts';
import { namesFile } from '../helpers/named-files.ts';
import { fc, runs } from '../helpers/properties.ts';
import { expectSame, hardRequestsTo } from '../helpers/replays.ts';

type Format = 'har' | 'ndjson' | 'postman' | 'postman-v3';

async function withoutFiles(format: Format, exchanges: readonly Exchange[]): Promise<Exchange[]> {
  if (format === 'har' || format === 'ndjson') return [...exchanges];
  const named = await Promise.all(exchanges.map(namesFile));
  return exchanges.filter((_, at) => !named[at]);
}

/** Writes exchanges in a format, with its files, and opens what was written. */
async function throughFormat(format: Format, exchanges: readonly Exchange[]): Promise<Exchange[]> {
  const folder = await newFolder();
  const options = {
    name: 'c',
    secrets: 'keep',
    dedupe: false,
    group: 'none',
    restrictedHeaders: true,
    attach: (name: string, bytes: Uint8Array) => written(folder, `c.files/${name}`, bytes),
  } as const;
  const recording = recordingOf(exchanges);
  if (format === 'postman-v3') {
    for await (const { path, chunks } of folderExporters[format].renderFiles(recording, options))
      await written(folder, path, await joined(chunks));
  } else {
    await written(folder, 'c', await joined(exporters[format].render(recording, options)));
  }
  const input = await open(format === 'postman-v3' ? folder : join(folder, 'c'));
  const found: Exchange[] = [];
  for await (const one of input.read()) found.push(one);
  return found;
}

async function written(folder: string, name: string, content: string | Uint8Array) {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return name;
}

async function joined(chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>) {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(Buffer.from(chunk as string));
  return Buffer.concat(pieces);
}

/** What a server would have seen of an exchange. */
async function seenOf({ request }: Exchange): Promise<SeenRequest> {
  const { method, url, headers } = request;
  const body = Buffer.from((await request.body?.bytes()) ?? []);
  return { method, target: url.replace(/^http:\/\/[^/]*/, ''), headers: [...headers], body };
}

async function expectKept(format: Format, exchanges: readonly Exchange[]): Promise<void> {
  const found = await throughFormat(format, exchanges);
  await expectSame(await Promise.all(found.map(seenOf)), exchanges);
  expect(found.map(({ request: { url } }) => new URL(url).host)).toEqual(
    exchanges.map(({ request: { url } }) => new URL(url).host),
  );
}

describe.each<Format>(['har', 'ndjson', 'postman', 'postman-v3'])(
  'import(export(x)) through %s keeps',
  (format) => {
    test('the hard requests', async () => {
      const requests = hardRequestsTo('http://api.test');
      const kept = await withoutFiles(format, requests);
      expect(kept.length).toBeGreaterThan(requests.length * 0.8);
      await expectKept(format, kept);
    });

    test('method, URL, headers and body of any request', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyRequest(), { minLength: 1, maxLength: 4 }),
          async (exchanges) => expectKept(format, await withoutFiles(format, exchanges)),
        ),
        { numRuns: runs(40) },
      );
    });
  },
);

function anyRequest(): fc.Arbitrary<Exchange> {
  const segment = fc.stringMatching(/^[A-Za-z0-9._~%:@!$'()*+,;={}-]{0,8}$/);
  const name = fc
    .stringMatching(/^X-[A-Za-z0-9-]{1,6}$/)
    .filter((text) => !/^x-(?:__proto__|constructor)$/i.test(text));
  const value = fc.stringMatching(/^[\x21-\x7e\xa0-\xff]{0,12}$/);
  const body = fc.oneof(
    fc.json().map((text): [string, Uint8Array] => ['application/json', Buffer.from(text)]),
    fc
      .string({ unit: 'grapheme', minLength: 1 })
      .map((text): [string, Uint8Array] => ['text/plain', Buffer.from(text)]),
    fc
      .uint8Array({ minLength: 1, maxLength: 40 })
      .map((bytes): [string, Uint8Array] => ['application/octet-stream', bytes]),
    fc
      .array(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { minLength: 1, maxLength: 4 })
      .map((fields): [string, Uint8Array] => [
        'application/x-www-form-urlencoded',
        Buffer.from(new URLSearchParams(fields).toString()),
      ]),
  );
  return fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'REPORT'),
      path: fc.array(segment, { minLength: 1, maxLength: 4 }),
      query: fc.option(fc.stringMatching(/^[A-Za-z0-9._~%=&+{}-]{0,12}$/), { nil: undefined }),
      lines: fc.uniqueArray(fc.tuple(name, value), {
        maxLength: 4,
        selector: ([key]) => key.toLowerCase(),
      }),
      body: fc.option(body, { nil: undefined }),
    })
    .map(({ method, path, query, lines, body: sent }) => {
      const headers: Header[] = [['Host', 'api.test'], ...lines];
      if (sent) headers.push(['Content-Type', sent[0]]);
      const url = `http://api.test/${path.join('/')}${query === undefined ? '' : `?${query}`}`;
      return exchange({ method, url, headers, ...(sent && { body: sent[1] }) });
    });
}
