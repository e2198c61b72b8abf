import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { journalsOf, newPlace, type Place, pathsIn, runCli, startSave } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { exchange } from '../helpers/exchanges.ts';
import { renderAs } from '../helpers/har.ts';
import { ask } from '../helpers/http-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** Sends until the proxy is gone: whatever the limit is, it is met. */
async function fill(cli: { port: number }, url: string): Promise<void> {
  for (let n = 1; n < 5000; n += 1) {
    try {
      await ask(cli, `${url}/${n}`);
    } catch {
      return;
    }
  }
}

/** `missing` may be what could not be written; small ones behind it were perhaps written before that was known. */
async function expectLoudEnd(
  place: Place,
  end: { code: number | null; stderr: string },
  missing?: string,
) {
  expect(end.stderr).toMatch(/pmproxy: Recording stopped: cannot write to .*\((ENOSPC|EFBIG)/);
  expect(end.stderr).toContain('Free some space');
  expect(end.stderr).toMatch(/What was recorded is kept; try: pmproxy convert /);
  expect(end.code).toBe(1);
  const [journal] = await journalsOf(place);
  const { code, stderr } = await runCli(place, ['convert', journal!, '-o', 'restored.json']);
  expect(code, stderr).toBe(0);
  const paths = pathsIn(await place.read('restored.json'));
  expect(paths.length).toBeGreaterThan(10);
  const sent = paths.map((_, at) => `/${at + 1}`);
  const last = `/${paths.length + 1}`;
  const whole = paths.includes(last) ? [...sent, last].filter((path) => path !== missing) : sent;
  expect(paths).toEqual(whole);
  expect(paths).not.toContain(missing);
}

testWith(
  'prlimit',
  '--fsize=1000000',
  'true',
)('a full disk stops the recording with an error, and earlier exchanges are intact', async () => {
  const upstream = await httpUpstream((_, response) => response.end('x'.repeat(10_000)));
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.json', '--grace', '1s'], {
    through: ['prlimit', '--fsize=1000000'],
  });
  await fill(cli, upstream.url);
  await expectLoudEnd(place, await cli.ended);
});

testWith(
  'prlimit',
  '--fsize=1000000',
  'true',
)('a large body that does not fit on the disk stops the recording as well', async () => {
  const upstream = await httpUpstream((incoming, response) =>
    response.end('x'.repeat(incoming.url === '/20' ? 5_000_000 : 100)),
  );
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.json', '--grace', '1s'], {
    through: ['prlimit', '--fsize=1000000'],
  });
  await fill(cli, upstream.url);
  await expectLoudEnd(place, await cli.ended, '/20');
});

const tmpfs = canMount() ? test : test.skip;
if (!canMount()) process.stderr.write('Skipped: a small file system cannot be mounted here.\n');

tmpfs('a file system that is full stops the recording, too', async () => {
  const upstream = await httpUpstream((_, response) => response.end('x'.repeat(5000)));
  const place = await newPlace();
  const folder = join(place.home, 'journals');
  await mkdir(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  const cli = await startSave(place, ['-o', 't.json', '--grace', '1s']);
  await fill(cli, upstream.url);
  await expectLoudEnd(place, await cli.ended);
});

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

testWith(
  'prlimit',
  '--fsize=1000000',
  'true',
)('convert reports a failed write once and leaves no partial file behind', async () => {
  const place = await newPlace();
  const exchanges = [exchange({ response: { body: 'x'.repeat(3_000_000) } }), exchange()];
  await writeFile(place.path('in.har'), await renderAs('har', exchanges));
  const args = ['convert', 'in.har', '-o', 'out.ndjson'];
  const through = ['prlimit', '--fsize=1000000'];
  const { code, stderr } = await runCli(place, args, { through });
  expect(stderr).toMatch(/^pmproxy: Cannot write out\.ndjson: EFBIG: [^\n]*\n$/);
  expect(code).toBe(1);
  const left = await readdir(place.folder);
  expect(left.filter((name) => name.includes('out'))).toEqual([]);
});
