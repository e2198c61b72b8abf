import { expect, test } from 'vitest';
import { newPlace, runCli, spawnIn, startSave, typed } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask } from '../helpers/http-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const pathsOf = (stdout: string) =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => new URL(JSON.parse(line).request.url).pathname);

test('ndjson on standard output has each exchange as soon as it ends, and the whole recording at the end', async () => {
  const upstream = await httpUpstream((_, response) => response.end('x'.repeat(300_000)));
  const place = await newPlace();
  const cli = await startSave(place, ['-f', 'ndjson', '-o', '-', '-o', 'whole.ndjson']);
  for (const path of ['/1', '/2', '/3']) {
    await ask(cli, upstream.url + path);
    // The recording goes on: what is there has come while it did.
    await eventually(() => expect(pathsOf(cli.stdout).at(-1)).toBe(path));
  }
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect(code, stderr).toBe(0);
  expect(pathsOf(stdout)).toEqual(['/1', '/2', '/3']);
  expect(await place.read('whole.ndjson')).toBe(stdout);
});

test('an exchange that was in flight when the recording stopped is on the last line', async () => {
  let begun = () => {};
  const asked = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const upstream = await httpUpstream((_, response) => response.write('begun', () => begun()));
  const place = await newPlace();
  const cli = await startSave(place, ['-f', 'ndjson', '-o', '-', '--grace', '100ms']);
  const answered = ask(cli, `${upstream.url}/endless`).catch(() => {});
  await asked;
  const { stdout } = await cli.end('SIGINT');
  await answered;
  expect(JSON.parse(stdout)).toMatchObject({ _outcome: { kind: 'unfinished' } });
});

test('a reader that goes away affects neither the recording nor the other outputs', async () => {
  const upstream = await httpUpstream((_, response) => response.end('x'.repeat(200_000)));
  const place = await newPlace();
  const asking = `for n in 1 2 3 4; do curl -sS -o got ${upstream.url}/$n; done`;
  const line = `${typed()} save -f ndjson -o - -o t.ndjson -- sh -c '${asking}' | head -c 10; echo`;
  const { code, stderr } = await spawnIn(place, ['bash', '-o', 'pipefail', '-c', line], {}).ended;
  expect(code, stderr).toBe(0);
  expect(stderr).not.toMatch(/EPIPE|\n\s+at /);
  expect(pathsOf(await place.read('t.ndjson'))).toEqual(['/1', '/2', '/3', '/4']);
});

test('a command that does not exist leaves nothing on standard output', async () => {
  const args = ['save', '-f', 'ndjson', '-o', '-', '--', 'no-such-program-anywhere'];
  expect(await runCli(await newPlace(), args)).toMatchObject({ code: 127, stdout: '' });
});
