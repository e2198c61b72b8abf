import { writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { newPlace, type Place, runCli } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { type Collection, itemsIn } from '../helpers/collections.ts';
import { startDigestServer } from '../helpers/digest-server.ts';
import { runCollection } from '../helpers/runners.ts';

const user = { username: 'ada', password: 'correct-horse-battery' };

/** One run of curl, which asks without a password first and again when it is challenged. */
function curlArgs(url: string): string[] {
  const digest = ['-sS', '--digest', '--user', `${user.username}:${user.password}`];
  const json = ['-H', 'Content-Type: application/json'];
  return [
    ...[...digest, `${url}/reports?page=1`],
    ...['--next', ...digest, `${url}/reports/17`],
    ...['--next', ...digest, ...json, '--data', '{"title":"May"}', `${url}/reports`],
  ];
}

const asked = ['GET /reports?page=1', 'GET /reports/17', 'POST /reports'];

testWith('curl', '--version').each(['MD5', 'SHA-256'] as const)(
  'newman repeats a request that curl sent with Digest (%s), given the password',
  async (algorithm) => {
    const server = await startDigestServer(user, algorithm);
    const place = await newPlace();
    const args = ['save', '-o', 't.json', '--secrets', 'env', '--tests'];
    const saved = await runCli(place, [...args, '--', 'curl', ...curlArgs(server.url)]);
    expect(saved.code, saved.stderr).toBe(0);
    const recorded = server.seen.splice(0);
    expect(recorded.filter((line) => line.endsWith(' 200'))).toEqual(asked.map((a) => `${a} 200`));
    expect(recorded.length).toBeGreaterThan(asked.length);

    const collection = await place.json<Collection>('t.json');
    expect(namesIn(collection)).toEqual([
      'GET /reports',
      'GET /reports/:reportId',
      'POST /reports',
    ]);
    expect(collection.auth).toMatchObject({ type: 'digest' });
    // What was asked of whom is in the example alone; what was answered to it is nowhere.
    expect(JSON.stringify(collection)).not.toMatch(/Authorization|401|cnonce/);

    const file = place.path('t.json');
    await runCollection('newman', file, {}, await environmentWith(place, user.password));
    const passed = server.seen.filter((line) => line.endsWith(' 200'));
    expect(passed).toEqual(asked.map((line) => `${line} 200`));
    const wrong = await environmentWith(place, 'wrong');
    await expect(runCollection('newman', file, {}, wrong)).rejects.toThrow(/401/);
  },
  240_000,
);

const namesIn = (collection: Collection) => itemsIn(collection).map(({ name }) => name);

/** The written environment, with values filled in, as an argument for a runner. */
async function environmentWith(place: Place, password: string): Promise<string[]> {
  const name = 't.postman_environment.json';
  const environment = await place.json<{ values: { key: string; value: string }[] }>(name);
  const values = environment.values.map((entry) => ({ ...entry, value: password }));
  expect(values.map(({ key }) => key)).toEqual(['digest_password']);
  await writeFile(place.path('filled.json'), JSON.stringify({ ...environment, values }));
  return ['-e', place.path('filled.json')];
}
