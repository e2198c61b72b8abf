import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { compareRecordings } from '../../src/compare/comparison.ts';
import { lineReport } from '../../src/compare/report.ts';
import { newPlace, runCli } from '../helpers/cli.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { type Call, partsOf, visitApi } from '../helpers/json-api.ts';
import { changed } from '../helpers/json-api-changes.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const recorded = (calls: readonly Call[]) =>
  recordingOf(calls.map((call) => exchange(partsOf(call))));

async function linesOf(old: readonly Call[], now: readonly Call[]): Promise<string> {
  return lineReport(await compareRecordings(recorded(old), recorded(now)));
}

const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed);

describe('a changed API is told in a line that names the place', () => {
  test.for(seeds(40).map((seed) => ({ seed, ...changed(visitApi(seed + 1000), seed) })))(
    '$seed $what',
    async ({ seed, calls, names }) => {
      expect(await linesOf(visitApi(seed), calls)).toMatch(names);
    },
  );
});

test('50 runs against an unchanged API differ in nothing that is told', async () => {
  const told: string[] = [];
  for (const seed of seeds(50)) told.push(await linesOf(visitApi(seed), visitApi(seed + 1000)));
  expect(told.filter((lines) => lines !== '')).toEqual([]);
});

/** Answers with the user that it is given, and new ids, dates and tokens. */
async function startUsers(user: object) {
  return httpUpstream((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    const [id, token] = [crypto.randomUUID(), crypto.randomUUID()];
    const answer = request.method === 'POST' ? { token } : { id, ...user, seen: new Date() };
    response.end(JSON.stringify(answer));
  });
}

const client = `
const [, , origin] = process.argv;
const body = JSON.stringify({ user: 'ann', password: 'correct horse ' + Math.random() });
const headers = { 'content-type': 'application/json' };
await fetch(origin + '/sessions', { method: 'POST', headers, body });
await Promise.all([1, 2, 3].map(() => fetch(origin + '/users/' + crypto.randomUUID())));`;

test('save --check measures a run against a recording: no difference, and one in a line with exit code 4', async () => {
  const place = await newPlace();
  await writeFile(place.path('client.mjs'), client);
  const save = async (user: object, ...args: string[]) => {
    const { url } = await startUsers(user);
    return runCli(place, ['save', ...args, '--', process.execPath, 'client.mjs', url]);
  };
  const ann = { name: 'Ann', plan: 'free' };
  const outputs = ['-o', 'old.har', '-o', 'old.json', '-o', 'old/'];
  expect(await save(ann, ...outputs)).toMatchObject({ code: 0 });
  for (const yardstick of ['old.har', 'old.json', 'old'])
    expect(await save(ann, '--check', yardstick)).toMatchObject({ code: 0, stdout: '' });
  const changedRun = await save({ name: 'Ann', plan: { name: 'free' } }, '--check', 'old.json');
  expect(changedRun).toMatchObject({
    code: 4,
    stdout: 'GET /users/:userId response 200 $.plan: string, now object\n',
  });
  expect(changedRun.stderr).not.toMatch(/correct horse/);
});
