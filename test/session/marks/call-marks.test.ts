import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Exchange, Header } from '../../../src/exchange.ts';
import { type CallMarks, openCallMarks } from '../../../src/session/marks/call-marks.ts';
import type { ComparisonOptions } from '../../../src/session/marks/comparison-options.ts';
import { createEncoder } from '../../../src/sync/push/encoding.ts';
import { type ExchangeParts, exchange, failure } from '../../helpers/exchanges.ts';
import { newFolder } from '../../helpers/folder.ts';
import { renderAs } from '../../helpers/har.ts';

const JSON_LINE: Header = ['Content-Type', 'application/json'];

function call(path: string, answer: object = { id: 1 }, parts: ExchangeParts = {}): Exchange {
  return exchange({
    url: `https://api.test${path}`,
    response: { headers: [JSON_LINE], body: JSON.stringify(answer) },
    ...parts,
  });
}

type Given = Partial<Omit<ComparisonOptions, 'mock' | 'check'>> & {
  readonly mock?: readonly Exchange[];
  readonly check?: readonly Exchange[];
  readonly onFailure?: (error: unknown) => void;
};

/** Marks by recordings that are written to HAR files. */
async function marksBy({ mock, check, onFailure, ...given }: Given): Promise<CallMarks> {
  const folder = await newFolder();
  const write = async (name: string, calls: readonly Exchange[]) => {
    await writeFile(join(folder, name), await renderAs('har', calls));
    return join(folder, name);
  };
  const options = {
    mock: mock ? [await write('mock.har', mock)] : [],
    check: check && (await write('check.har', check)),
    ignore: [],
    ...given,
  };
  const marks = await openCallMarks(options, onFailure ?? throwIt);
  onTestFinished(() => marks.close());
  return marks;
}

function throwIt(error: unknown): never {
  throw error;
}

test('a call is answered or missed as mock would do, with the nearest call and what differs', async () => {
  const { marksOf } = await marksBy({ mock: [call('/users?page=1')] });
  expect(await marksOf(call('/users?page=1'))).toEqual([{ kind: 'answered', words: [] }]);
  expect(await marksOf(call('/users?page=2'))).toEqual([
    {
      kind: 'missed',
      words: [
        'GET https://api.test/users?page=2 was not recorded. Nearest: GET https://api.test/users?page=1. Different: query page: recorded "1", asked "2".',
      ],
    },
  ]);
});

test('a call is answered again and again, as mock gives the last answer again', async () => {
  const { marksOf } = await marksBy({ mock: [call('/a')] });
  for (let time = 0; time < 3; time += 1)
    expect(await marksOf(call('/a'))).toMatchObject([{ kind: 'answered' }]);
});

test('a call that differs has a line for each difference, as diff words it, and one that does not has no mark', async () => {
  const { marksOf } = await marksBy({ check: [call('/users/1', { id: 1, name: 'Ann' })] });
  expect(await marksOf(call('/users/2', { id: 2, name: 'Bob' }))).toEqual([]);
  expect(await marksOf(call('/users/3', { id: '3' }))).toEqual([
    {
      kind: 'differs',
      words: ['response 200 $.id: number, now string', 'response 200 $.name: string, now gone'],
    },
  ]);
});

test('both comparisons are made where both are asked for', async () => {
  const recorded = [call('/users/1', { id: 1 })];
  const { marksOf } = await marksBy({ mock: recorded, check: recorded });
  expect(await marksOf(call('/users/1', { id: '1' }))).toMatchObject([
    { kind: 'answered' },
    { kind: 'differs' },
  ]);
});

test('what is ignored neither misses nor differs', async () => {
  const recorded = [call('/users?page=1', { id: 1 })];
  const { marksOf } = await marksBy({ mock: recorded, check: recorded, ignore: ['page', '$.id'] });
  expect(await marksOf(call('/users?page=2', { id: 'x' }))).toEqual([
    { kind: 'answered', words: [] },
  ]);
});

test('a call whose secrets were replaced is found in a recording that has them, and no secret is told', async () => {
  const login = (password: string, remember = true) =>
    call(
      '/login',
      { ok: true },
      { headers: [JSON_LINE], body: JSON.stringify({ user: 'ann', password, remember }) },
    );
  const { marksOf } = await marksBy({ mock: [login('correct horse')] });
  // As a proxy pushes them.
  const { entry } = createEncoder({ secrets: 'redact', redact: [] }, undefined, marksOf);
  expect((await entry(login('battery staple')))._marks).toEqual([{ kind: 'answered', words: [] }]);
  const [mark] = (await entry(login('battery staple', false)))._marks ?? [];
  expect(mark?.kind).toBe('missed');
  expect(mark?.words.join()).toMatch(/\$\.remember: recorded/);
  expect(mark?.words.join()).not.toMatch(/horse|staple/);
});

test.each([
  ['har', 'old.har'],
  ['ndjson', 'old.ndjson'],
  ['postman', 'old.json'],
] as const)('a recording in the format %s marks the same calls', async (format, name) => {
  const body = (user: string) => ({
    headers: [JSON_LINE],
    body: JSON.stringify({ user, password: 'correct horse' }),
  });
  const login = (user: string, answer: object) => call('/login', answer, body(user));
  const path = join(await newFolder(), name);
  const recorded = [login('ann', { ok: true }), call('/users/1', { id: 1 })];
  await writeFile(path, await renderAs(format, recorded, { secrets: 'redact' }));
  const { marksOf, close } = await openCallMarks(
    { mock: [path], check: path, ignore: [] },
    throwIt,
  );
  onTestFinished(close);
  const { entry } = createEncoder({ secrets: 'redact', redact: [] }, undefined, marksOf);
  const kinds = async (exchange: Exchange) =>
    (await entry(exchange))._marks?.map(({ kind }) => kind);
  expect(await kinds(login('ann', { ok: true }))).toEqual(['answered']);
  expect(await kinds(login('bob', { ok: 1 }))).toEqual(['missed', 'differs']);
  expect(await kinds(call('/users/1', { id: 2 }))).toEqual(['answered']);
});

test('a call whose request was cut is not looked up', async () => {
  const cut = { body: { bytes: Buffer.from('abc'), cutTo: 1 } };
  const { marksOf } = await marksBy({ mock: [call('/a')] });
  expect(await marksOf(call('/a', {}, cut))).toEqual([]);
});

test('a call that mock itself has refused is missed, in the words of that mock', async () => {
  const { marksOf } = await marksBy({ mock: [call('/a')] });
  const refused = { response: { status: 502, headers: [['x-pmproxy-miss', 'No.'] as const] } };
  expect(await marksOf(call('/a', {}, refused))).toEqual([{ kind: 'missed', words: ['No.'] }]);
});

test('the calls of a mock are judged by what it did', async () => {
  const asked = { connection: { upstream: '127.0.0.1:80' } };
  const { marksOf } = await marksBy({ mock: [call('/a?x=1')], areMocked: true });
  // Addressed to the mock itself, calls have another origin.
  expect(await marksOf(exchange({ url: 'http://other.test/a?x=1' }))).toMatchObject([
    { kind: 'answered' },
  ]);
  const [forwarded] = await marksOf({ ...call('/a?x=2'), ...asked });
  expect(forwarded?.words.join()).toMatch(/query x: recorded "1", asked "2"/);
  const [tooOften] = await marksOf({ ...call('/a?x=1'), ...asked });
  expect(tooOften?.words.join()).toMatch(/more often than it was recorded/);
  expect(await marksOf(call('/a', {}, { outcome: failure() }))).toEqual([]);

  const without = await marksBy({ areMocked: true });
  expect(await without.marksOf({ ...call('/b'), ...asked })).toEqual([
    { kind: 'missed', words: ['GET https://api.test/b was not recorded.'] },
  ]);
});

test('many differences are counted, and what cannot be seen is made visible', async () => {
  const fields = Array.from({ length: 80 }, (_, at) => [`field${'x'.repeat(at)}`, true]);
  const { marksOf } = await marksBy({ check: [call('/a', Object.fromEntries(fields))] });
  const [mark] = await marksOf(call('/a', { '\u202e': 1 }));
  expect(mark?.words).toHaveLength(50);
  expect(mark?.words.at(-1)).toBe('and 32 more');
  expect(mark?.words.join()).not.toContain('\u202e');
});

test('a call that cannot be compared stays unmarked, which is told once, and others are marked', async () => {
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => failures.push(error);
  const { marksOf } = await marksBy({ mock: [call('/a')], onFailure });
  const bytes = async () => {
    throw new Error('the disk is gone');
  };
  const { request, ...rest } = call('/a');
  const unreadable = { ...rest, request: { ...request, body: { size: 1, encoding: [], bytes } } };
  for (let time = 0; time < 2; time += 1) expect(await marksOf(unreadable)).toEqual([]);
  expect(failures).toHaveLength(1);
  expect(await marksOf(call('/a'))).toMatchObject([{ kind: 'answered' }]);
});

test('recordings without answers are refused, and calls that cannot be answered are warned of', async () => {
  const broken = call('/a', {}, { response: null });
  await expect(marksBy({ mock: [broken] })).rejects.toThrow(/holds no call that was answered/);
  const { warnings } = await marksBy({ mock: [broken, call('/b')] });
  expect(warnings).toEqual([
    '1 recorded call cannot be answered: the answer is missing or was cut.',
  ]);
});

test('standard input is not read twice', async () => {
  const twice = openCallMarks({ mock: ['-'], check: '-', ignore: [] }, throwIt);
  await expect(twice).rejects.toThrow('Standard input (-) can be read once only.');
});
