import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { newPlace, startSave } from '../helpers/cli.ts';
import { ask } from '../helpers/http-client.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { httpUpstream } from '../helpers/upstream.ts';

test('--cookie-jar writes the cookies beside the outputs, for their owner only', async () => {
  const upstream = await httpUpstream((_, response) => {
    response.setHeader('Set-Cookie', 'sid=s3cret; Path=/; HttpOnly').end();
  });
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.json', '--cookie-jar', 'jar.json']);
  await ask(cli, `${upstream.url}/login`);
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('jar.json');
  expect(await place.json<{ cookies: object[] }>('jar.json')).toMatchObject({
    cookies: [{ key: 'sid', value: 's3cret', path: '/', httpOnly: true, hostOnly: true }],
  });
  expect(((await stat(place.path('jar.json'))).mode & 0o777).toString(8)).toBe('600');
  expect(await place.read('t.json')).not.toContain('s3cret');
});

describe('--cookie-jar is refused before the proxy listens', () => {
  test.each<[string, string[], RegExp]>([
    ['when its folder does not exist', ['--cookie-jar', 'no/jar.json'], /no does not exist/],
    ['when its path is also an output', ['-o', 't.json', '--cookie-jar', 't.json'], /given twice/],
  ])('%s', async (_, args, why) => {
    const place = await newPlace();
    const ready = ['--ready-file', place.path('ready.json')];
    const { code, stderr } = await runInProcess(place, ['save', ...args, ...ready, '--', 'false']);
    expect(stderr).toMatch(why);
    expect(code).toBe(2);
  });
});
