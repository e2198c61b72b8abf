import { expect, test } from 'vitest';
import type { Exchange, Recording } from '../../src/exchange.ts';
import { formatIds, formats } from '../../src/exporters/index.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';

const LEVELS = 300_000;
const SEGMENTS = 100_000;
const SECRET = 'Tr0ub4dor&3xyz';
const json = [['Content-Type', 'application/json']] as const;
const deepJson = `${'{"a":['.repeat(LEVELS / 2)}{"password":"${SECRET}"}${']}'.repeat(LEVELS / 2)}`;

const asked = (url: string, type = '', body?: string): Exchange =>
  exchange({
    url: `http://api.test${url}`,
    ...(body !== undefined && { method: 'POST', body }),
    headers: type === '' ? [] : [['Content-Type', type]],
    response: { headers: [...json], body: deepJson },
  });

const many = <T>(length: number, made: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => made(index));

/** What is nested or repeated in it is data: how deep or how often is up to whoever sent it. */
const cases: Readonly<Record<string, () => Exchange[]>> = {
  'one path of 100,000 segments': () => [asked(`/${'a/'.repeat(SEGMENTS)}`)],
  'two paths that part at their 100,000th segment': () => [
    asked(`/${'a/'.repeat(SEGMENTS)}b`),
    asked(`/${'a/'.repeat(SEGMENTS)}c`),
  ],
  'a path of 20,000 parameters': () => [asked(`/${'users/1/'.repeat(20_000)}`)],
  'JSON of 300,000 levels': () => [asked('/json', 'application/json', deepJson)],
  'variables of GraphQL of 300,000 levels': () => [
    asked('/graphql', 'application/json', `{"query":"{me}","variables":${deepJson}}`),
  ],
  'a query of GraphQL of 300,000 levels': () => [
    asked(
      '/graphql',
      'application/json',
      JSON.stringify({ query: `${'{a'.repeat(LEVELS)}${'}'.repeat(LEVELS)}` }),
    ),
  ],
  'XML of 300,000 levels': () => [
    asked('/xml', 'application/xml', `${'<a>'.repeat(LEVELS)}${'</a>'.repeat(LEVELS)}`),
  ],
  'forms in forms': () => [
    asked(
      '/parts',
      'multipart/mixed; boundary=b0',
      many(
        5000,
        (n) => `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n\r\n`,
      ).join(''),
    ),
  ],
  'one query parameter 100,000 times': () => [asked(`/q?${'a=1&'.repeat(100_000)}`)],
  'JSON in examples, deeper than writers of YAML go': () => [
    asked('/short', 'application/json', '['.repeat(5000) + ']'.repeat(5000)),
  ],
};

async function written(recording: Recording, format: string): Promise<string> {
  const exporter = formats[format]!;
  const options = { name: 'deep', tests: true, attach: async (name: string) => name } as const;
  const pieces: string[] = [];
  if ('renderFiles' in exporter) {
    for await (const { path, chunks } of exporter.renderFiles(recording, options)) {
      pieces.push(path);
      for await (const chunk of chunks) pieces.push(String(chunk));
    }
  } else for await (const chunk of exporter.render(recording, options)) pieces.push(String(chunk));
  return pieces.join('');
}

test.each(Object.keys(cases))('%s can be written in every format', async (name) => {
  const recording = recordingOf(cases[name]?.() ?? []);
  for (const format of formatIds) {
    const text = await written(recording, format);
    expect(text.length, format).toBeGreaterThan(100);
    expect(text.includes(SECRET), format).toBe(false);
  }
});

test('150,000 paths of one host can be written', async () => {
  const recording = recordingOf(many(150_000, (n) => exchange({ url: `http://api.test/w${n}` })));
  expect(await written(recording, 'postman')).toContain('/w149999');
});

test('150,000 secrets in one URL are replaced', async () => {
  const query = many(150_000, (n) => `token=s3cret-${n}x`).join('&');
  const text = await written(recordingOf([exchange({ url: `http://api.test/?${query}` })]), 'har');
  expect(text).not.toContain('s3cret');
});
