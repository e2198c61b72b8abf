import { readdir } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { newPlace, runCli, startCli } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';

/** A shell that starts a process in the background, writes its id down, and ends. */
const leaving = (program: string) => [
  ...['sh', '-c'],
  `${program} </dev/null >/dev/null 2>&1 & echo $! > pid`,
];

test.skipIf(process.platform !== 'linux')(
  'a process that goes on after the command is named with its id',
  async () => {
    const place = await newPlace();
    const { code, stderr } = await runCli(place, [
      'save',
      '-o',
      't.json',
      '--',
      ...leaving('sleep 1000'),
    ]);
    const pid = Number(await place.read('pid'));
    onTestFinished(() => void process.kill(pid, 'SIGKILL'));
    expect(code).toBe(0);
    expect(stderr).toContain(`sleep (process ${pid}). To wait for it: --linger`);
  },
);

test.skipIf(process.platform !== 'linux')('--linger waits for its end', async () => {
  const place = await newPlace();
  const node = `'${process.execPath}' -e "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1000)"`;
  const args = ['save', '-o', 't.json', '--linger', '--', ...leaving(node)];
  const cli = startCli(place, args);
  await cli.says(/Waiting for \S+ \(process \d+\)/);
  process.kill(Number(await place.read('pid')), 'SIGTERM');
  expect((await cli.ended).code).toBe(0);
});

test.skipIf(process.platform !== 'linux')('--linger ends with Ctrl+C', async () => {
  const place = await newPlace();
  const cli = startCli(place, ['save', '-o', 't.json', '--linger', '--', ...leaving('sleep 1000')]);
  await cli.says(/Waiting for sleep/);
  const pid = Number(await place.read('pid'));
  onTestFinished(() => void process.kill(pid, 'SIGKILL'));
  expect((await cli.end('SIGINT')).code).toBe(0);
});

test('the files for a command whose pmproxy was killed are removed by the next one', async () => {
  const place = await newPlace();
  const folders = async () =>
    (await readdir(place.folder)).filter((name) => /^pmproxy-/.test(name));
  const killed = startCli(place, [
    'save',
    '-o',
    't.json',
    '--',
    'sh',
    '-c',
    'echo $$ > pid; exec sleep 1000 >/dev/null 2>&1',
  ]);
  const pid = Number(
    await eventually(async () => {
      const text = await place.read('pid');
      if (text === '') throw new Error('not yet');
      return text;
    }),
  );
  onTestFinished(() => void process.kill(pid, 'SIGKILL'));
  expect(await folders()).toHaveLength(1);
  await killed.end('SIGKILL');
  expect(await folders()).toHaveLength(1);
  await runCli(place, ['save', '-o', 't.json', '--', 'true']);
  expect(await folders()).toEqual([]);
});
