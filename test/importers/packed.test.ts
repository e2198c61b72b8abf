import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { responseOf } from '../../src/exchange.ts';
import { openInput } from '../../src/importers/index.ts';
import { harEntry } from '../helpers/cases.ts';
import { newFolder } from '../helpers/folder.ts';
import { folderWith, open, openContent } from '../helpers/inputs.ts';
import { allSpelledOut } from '../helpers/spelled-out.ts';
import { zipOf } from '../helpers/zip.ts';

const names = ['/1', '/2', '/ü'];
const entries = names.map((path) => harEntry({ request: { url: `https://a.test${path}` } }));
const har = JSON.stringify({ log: { version: '1.2', entries } }, null, 1);
const sent = ['https://a.test/1', 'https://a.test/2', 'https://a.test/%C3%BC'];

const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();
const lines = entries.map((entry) => JSON.stringify(entry)).join('\n');

test.each<[string, Buffer]>([
  ['gzip', gzipSync(har)],
  ['gzip in gzip', gzipSync(gzipSync(har))],
  ['gzip in two members', Buffer.concat([gzipSync(har.slice(0, 100)), gzipSync(har.slice(100))])],
  [
    'UTF-16 with a byte order mark, as PowerShell writes it',
    Buffer.from(`\ufeff${har}`, 'utf16le'),
  ],
  ['UTF-16 in big-endian order', bigEndian(`\ufeff${har}`)],
  ['UTF-16 without a mark', Buffer.from(har, 'utf16le')],
  ['UTF-16 in big-endian order without a mark', bigEndian(har)],
  ['UTF-16 in gzip', gzipSync(Buffer.from(`\ufeff${har}`, 'utf16le'))],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${har}`)],
  ['a zip archive', zipOf({ 'har.har': har })],
  ['a zip archive with a folder', zipOf({ 'x/': '', 'x/site.HAR': har, 'x/a.bin': 'x' })],
  ['a zip archive of one file of another name', zipOf({ traffic: har })],
  ['gzip in a zip archive', zipOf({ 'a.har': gzipSync(har) })],
  ['lines in gzip', gzipSync(lines)],
  ['lines in UTF-16', Buffer.from(`\ufeff${lines}`, 'utf16le')],
])('%s is read', async (_, content) => {
  const exchanges = await allSpelledOut(await openContent(content));
  expect(exchanges.map(({ request }) => request.url)).toEqual(sent);
});

test('characters across read boundaries are complete', async () => {
  const text = '\u{1f600}ü'.repeat(400_000);
  const content = { mimeType: 'text/plain', text };
  const file = JSON.stringify({ log: { entries: [harEntry({ response: { content } })] } });
  const input = await openContent(Buffer.from(`\ufeff ${file}`, 'utf16le'));
  for await (const { outcome } of input.read())
    expect(Buffer.from((await responseOf(outcome)?.body?.bytes()) ?? []).toString()).toBe(text);
});

test('bodies that Playwright keeps beside the HAR file in its archive are read', async () => {
  const content = { mimeType: 'image/png', size: 3, _file: 'abc.png' };
  const file = { log: { version: '1.2', entries: [harEntry({ response: { content } })] } };
  const png = Buffer.from([0, 255, 0]);
  const input = await openContent(zipOf({ 'abc.png': png, 'har.har': JSON.stringify(file) }));
  for await (const { outcome } of input.read())
    expect(await responseOf(outcome)?.body?.bytes()).toEqual(png);
});

test('bodies beside a packed file are read', async () => {
  const content = { mimeType: 'text/plain', size: 3, _file: 'a.txt' };
  const file = { log: { version: '1.2', entries: [harEntry({ response: { content } })] } };
  const packed = gzipSync(JSON.stringify(file));
  const folder = await folderWith({ 'x.har.gz': packed, 'a.txt': 'abc' });
  const [exchange] = await allSpelledOut(await open(join(folder, 'x.har.gz')));
  expect(exchange?.outcome.answer?.body?.bytes).toBeDefined();
});

test('a truncated packed file yields its complete entries and the place of the end', async () => {
  const random = Array.from({ length: 400 }, (_, at) => `${at}:${Math.sin(at)}`).join();
  const big = { ...harEntry(), comment: random };
  const whole = gzipSync(JSON.stringify({ log: { entries: [...entries, big] } }));
  const faults: string[] = [];
  const cut = whole.subarray(0, whole.length - 500);
  expect(() => gunzipSync(cut)).toThrow();
  const input = await openContent(cut, ({ message }) => faults.push(message));
  expect((await allSpelledOut(input)).map(({ request }) => request.url)).toEqual(sent);
  expect(faults).toEqual([
    expect.stringMatching(/the file ends in the middle of log\.entries\[3\]/),
  ]);
});

describe('a file that cannot be unpacked is refused with a message', () => {
  /** What is said of a file with this content, without its path. */
  const refusal = async (content: Buffer) => {
    const folder = await folderWith({ input: content });
    const path = join(folder, 'input');
    const options = { onFault: () => {}, openJournal: () => expect.unreachable() };
    const fault = await openInput(path, options).then(
      () => 'none',
      (error: Error) => error.message,
    );
    return fault.replaceAll(path, 'input');
  };

  test.each<[string, Buffer, RegExp]>([
    [
      'damaged gzip',
      Buffer.concat([gzipSync(har).subarray(0, 12), Buffer.alloc(40, 7)]),
      /^Cannot read input: /,
    ],
    ['a damaged archive', zipOf({ 'a.har': har }).subarray(0, 60), /^Cannot unpack input: /],
    [
      'an archive of nothing',
      zipOf({ 'a.txt': '', 'b.txt': '' }),
      /^input has no \.har file in it\.$/,
    ],
    [
      'an archive of several',
      zipOf({ 'a.har': har, 'b.har': har }),
      /^input has 2 \.har files in it\.$/,
    ],
    [
      'an archive that leads elsewhere',
      zipOf({ '../a.har': har }),
      /^Cannot unpack input: .*\.\.\/a\.har/,
    ],
    ['an archive with an absolute path', zipOf({ '/tmp/a.har': har }), /^Cannot unpack input: /],
    [
      'gzip without an end',
      [1, 2, 3, 4, 5, 6].reduce((text) => gzipSync(text), Buffer.from(har) as Buffer),
      /too many layers of compression/,
    ],
    [
      'gzip of something else',
      gzipSync('hello'),
      /^input is not HAR, ndjson or a Postman collection/,
    ],
    ['gzip of nothing', gzipSync(''), /^input is empty/],
  ])('%s', async (_, content, message) => {
    expect(await refusal(content)).toMatch(message);
  });
});

test('no unpacked file is left behind', async () => {
  const temporary = await newFolder();
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const path = join(await newFolder(), 'x');
  const options = { onFault: () => {}, openJournal: () => expect.unreachable() };
  for (const content of [gzipSync(har), zipOf({ 'a.har': har }), Buffer.from(har, 'utf16le')]) {
    await writeFile(path, content);
    const input = await openInput(path, options);
    expect(await readdir(temporary)).toHaveLength(1);
    await input.close();
  }
  await writeFile(path, zipOf({ 'a.har': har, 'b.har': har }));
  await expect(openInput(path, options)).rejects.toThrow();
  expect(await readdir(temporary)).toEqual([]);
});
