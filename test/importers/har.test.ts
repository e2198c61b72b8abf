import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { responseOf } from '../../src/exchange.ts';
import type { Har } from '../../src/har/types.ts';
import { harComplaints, renderAs } from '../helpers/har.ts';
import { hardRecording } from '../helpers/hard-recording.ts';
import { folderWith, open, openContent } from '../helpers/inputs.ts';
import { allSpelledOut } from '../helpers/spelled-out.ts';

const entry = (parts: object = {}) => ({
  startedDateTime: '2024-05-01T12:00:00Z',
  request: { method: 'GET', url: 'http://api.test/' },
  response: { status: 200 },
  ...parts,
});
const har = (entries: unknown, more: object = {}) => ({
  log: { version: '1.2', ...more, entries },
});

describe('the hard recording', () => {
  test.each(['har', 'ndjson'] as const)(
    'is read from %s as it was written, in any order',
    async (format) => {
      const input = await openContent(await renderAs(format, hardRecording()));
      const expected = await allSpelledOut(hardRecording());
      const found = await allSpelledOut(input);
      expect(found).toHaveLength(expected.length);
      for (const [at, exchange] of found.entries()) {
        // Answers come decoded; everything else is as it was.
        if (
          exchange.outcome.answer?.body?.encoding.join() ===
          expected[at]?.outcome.answer?.body?.encoding.join()
        )
          expect(exchange).toEqual(expected[at]);
        else expect({ ...exchange, outcome: 0 }).toEqual({ ...expected[at], outcome: 0 });
      }
      const backwards: string[] = [];
      for await (const { id } of input.read([3, 1])) backwards.push(id);
      expect(backwards).toEqual([expected[3]?.id, expected[1]?.id]);
    },
  );

  test.each(['har', 'ndjson'] as const)('is written as %s unchanged', async (format) => {
    const text = await renderAs(format, hardRecording(), { secrets: 'redact' });
    const written = text.replace(
      /"name":"pmproxy","version":"[^"]*"/,
      '"name":"pmproxy","version":"x"',
    );
    if (format === 'har') expect(harComplaints(JSON.parse(text))).toBeNull();
    await expect(written).toMatchFileSnapshot(`../../fixtures/golden/hard.${format}`);
  });
});

test('entries are found at any place', async () => {
  const pretty = JSON.stringify(
    {
      comment: '{"entries":[',
      log: { pages: [{ entries: [1] }], comment: '\\"', entries: [entry(), entry()] },
      last: [],
    },
    null,
    '\t',
  );
  expect((await openContent(`\uFEFF  ${pretty}\n\n`)).size).toBe(2);
  expect((await openContent('{"log":{"entries":[ \n ]}}')).size).toBe(0);
});

test('entries across read boundaries are complete', async () => {
  const text = 'ü"\\ '.repeat(300_000);
  const content = { mimeType: 'text/plain', text };
  const input = await openContent(
    har([1, 2, 3].map(() => entry({ response: { status: 200, content } }))),
  );
  for await (const { outcome } of input.read())
    expect(Buffer.from((await responseOf(outcome)?.body?.bytes()) ?? []).toString()).toBe(text);
});

test.each([
  ['2.0', 'input: log.version is 2.0; 1.1 and 1.2 are supported.'],
  ['1.1', undefined],
  ['', undefined],
])('the version %j is either supported or a fault', async (version, fault) => {
  const faults: string[] = [];
  const text = JSON.stringify({ log: { creator: { version: '9' }, entries: [entry()], version } });
  const input = await openContent(text, ({ message }) =>
    faults.push(message.replace(/^.*\/(?=input)/, '')),
  );
  expect(faults).toEqual(fault === undefined ? [] : [fault]);
  expect(input.size).toBe(1);
});

test('browser entries that are not HTTP are not exchanges', async () => {
  const urls = [
    'data:text/plain,x',
    'http://api.test/',
    'blob:http://api.test/1',
    'chrome-extension://x/y',
    'ftp://api.test/',
  ];
  const tunnel = entry({ request: { method: 'CONNECT', url: 'api.test:443' } });
  const input = await openContent(
    har([tunnel, ...urls.map((url) => entry({ request: { method: 'GET', url } }))]),
  );
  expect(input.size).toBe(6);
  expect((await allSpelledOut(input)).map(({ request }) => request.url)).toEqual([
    'http://api.test/',
  ]);
});

test('bodies beside the file are read, those elsewhere are not', async () => {
  const content = (_file: string) =>
    entry({ response: { status: 200, content: { size: 3, _file } } });
  const folder = await folderWith({
    'own/a.har': har([content('body.bin'), content('../secret.txt')]),
    'own/body.bin': Buffer.from([0, 255, 0]),
    'secret.txt': 'secret',
  });
  const input = await open(join(folder, 'own/a.har'));
  const first = input.read([0]);
  for await (const { outcome } of first)
    expect(await responseOf(outcome)?.body?.bytes()).toEqual(Buffer.from([0, 255, 0]));
  await expect(async () => {
    for await (const _ of input.read([1]));
  }).rejects.toThrow(
    'log.entries[1].response.content._file points outside its folder: ../secret.txt',
  );
});

describe('HAR files of other programs are read:', () => {
  test.each(['charles', 'chromium', 'firefox', 'mitmproxy'])('%s', async (program) => {
    const path = new URL(`../../fixtures/${program}.har`, import.meta.url).pathname;
    const { log }: Har = JSON.parse(await readFile(path, 'utf8'));
    const exchanges = await allSpelledOut(await open(path));
    const urls = log.entries.map(({ request }) => request.url.replace(/^ws/, 'http'));
    expect(exchanges.map(({ request }) => request.url)).toEqual(
      urls.filter((url) => url.startsWith('http')),
    );
    await expect(`${JSON.stringify(exchanges, null, 2)}\n`).toMatchFileSnapshot(
      `../../fixtures/golden/${program}.exchanges.json`,
    );
  });
});

test('a truncated file yields its complete entries and the place of the end', async () => {
  const whole = JSON.stringify(har([entry(), entry(), entry()]), null, 1);
  const folder = await folderWith({});
  for (const cut of [
    whole.length - 10,
    whole.lastIndexOf('"status"'),
    whole.lastIndexOf('{') - 12,
  ]) {
    const path = join(folder, `${cut}.har`);
    await writeFile(path, whole.slice(0, cut));
    const faults: string[] = [];
    const input = await open(path, ({ message }) => faults.push(message));
    expect((await allSpelledOut(input)).length).toBe(2);
    expect(faults).toEqual([
      expect.stringMatching(/, line \d+: the file ends in the middle of log\.entries\[2\]\.$/),
    ]);
  }
});
