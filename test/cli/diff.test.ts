import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { newPlace, type Place, runCli } from '../helpers/cli.ts';
import { exchange } from '../helpers/exchanges.ts';
import { renderAs } from '../helpers/har.ts';

const JSON_LINE = ['Content-Type', 'application/json'] as const;

function user(id: number, answer: unknown, status = 200) {
  return exchange({
    url: `http://api.test/users/${id}`,
    response: { status, headers: [JSON_LINE], body: JSON.stringify(answer) },
  });
}

const OLD = [
  user(1, { id: 1, name: 'Ann', plan: 'free' }),
  user(2, { id: 2, name: 'Bob', plan: 'pro' }),
];
const NEW = [user(8, { id: 8, name: 7, plan: 'pro' })];

async function recorded(): Promise<Place> {
  const place = await newPlace();
  await writeFile(place.path('old.har'), await renderAs('har', OLD));
  await writeFile(place.path('new.ndjson'), await renderAs('ndjson', NEW));
  return place;
}

test('diff prints a line for each difference, and exits with 4', async () => {
  const { code, stdout, stderr } = await runCli(await recorded(), [
    'diff',
    'old.har',
    'new.ndjson',
  ]);
  expect(stdout).toBe('GET /users/:userId response 200 $.name: string, now number\n');
  expect(stderr).toBe('Compared 1 call with 2 calls: 1 difference.\n');
  expect(code).toBe(4);
});

test('diff of a recording with itself finds nothing, in whatever format it is', async () => {
  const place = await recorded();
  const outputs = ['-o', 'c.json', '-o', 'v3/', '-o', 'old.ndjson'];
  await runCli(place, ['convert', 'old.har', ...outputs, '--secrets', 'redact']);
  for (const file of ['c.json', 'v3', 'old.ndjson', 'old.har']) {
    const { code, stdout } = await runCli(place, ['diff', file, 'old.har']);
    expect([file, code, stdout]).toEqual([file, 0, '']);
  }
});

test('diff --json prints one document, and --format github annotations', async () => {
  const place = await recorded();
  const json = await runCli(place, ['diff', 'old.har', 'new.ndjson', '--json']);
  expect(JSON.parse(json.stdout)).toEqual({
    version: 1,
    calls: { old: 2, new: 1 },
    findings: [
      {
        kind: 'type',
        method: 'GET',
        path: '/users/:userId',
        place: 'response 200 $.name',
        old: 'string',
        new: 'number',
      },
    ],
  });
  const github = await runCli(place, ['diff', 'old.har', 'new.ndjson', '--format', 'github']);
  expect(github.stdout).toBe(
    '::error title=GET /users/%3AuserId::GET /users/:userId response 200 $.name: string, now number\n',
  );
});

test('what is ignored is no difference', async () => {
  const place = await recorded();
  for (const name of ['$.name', 'name', '$'])
    expect((await runCli(place, ['diff', 'old.har', 'new.ndjson', '--ignore', name])).code).toBe(0);
  expect((await runCli(place, ['diff', 'old.har', 'new.ndjson', '--ignore', 'plan'])).code).toBe(4);
});

test('a recording that is not there, or two from standard input, are wrong usage', async () => {
  const place = await recorded();
  const missing = await runCli(place, ['diff', 'old.har', 'gone.har']);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('Cannot read gone.har: the file does not exist.');
  expect((await runCli(place, ['diff', '-', '-'])).code).toBe(2);
});
