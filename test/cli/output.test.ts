import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  journalsOf,
  newPlace,
  type Place,
  pathsIn,
  runCli,
  spawnIn,
  startSave,
  typed,
} from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { ask } from '../helpers/http-client.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const run = promisify(execFile);

/** Records one exchange for a path and ends. */
async function record(place: Place, path: string, ...args: string[]) {
  const upstream = await httpUpstream((_, response) => response.end('answer'));
  const cli = await startSave(place, args);
  await ask(cli, upstream.url + path);
  return cli.end('SIGINT');
}

describe('an output is refused before the proxy listens, when it', () => {
  /** Exit code 2, the output named, nothing of it listening, nothing left. */
  async function expectRefused(place: Place, output: string, why: RegExp): Promise<void> {
    const ready = place.path('ready.json');
    const { code, stderr } = await runInProcess(place, [
      ...['save', '-o', output, '--ready-file', ready],
      ...['--', 'touch', place.path('command-ran')],
    ]);
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(await readdir(place.folder)).not.toContain('command-ran');
    expect(await journalsOf(place)).toEqual([]);
  }

  test('is a folder', async () => {
    const place = await newPlace();
    await mkdir(place.path('folder.json'));
    const hint =
      /^pmproxy: Cannot write folder\.json: it is a folder\. Try: -o folder\.json\/traffic\.json/;
    await expectRefused(place, 'folder.json', hint);
  });

  test('is a FIFO', async () => {
    const place = await newPlace();
    await run('mkfifo', [place.path('pipe.json')]);
    await expectRefused(place, 'pipe.json', /Cannot write pipe\.json: it is not a regular file/);
  });

  test('is in a folder that does not exist', async () => {
    const place = await newPlace();
    await expectRefused(
      place,
      'no/t.json',
      /the folder .*\/no does not exist\. Try: mkdir -p .*\/no$/m,
    );
  });

  test('is below a path that is not a folder', async () => {
    const place = await newPlace();
    await writeFile(place.path('file'), '');
    await expectRefused(
      place,
      'file/t.json',
      /Cannot write file\/t\.json: .*\/file is not a folder/,
    );
  });

  test.runIf(process.platform === 'linux')('is in a folder that accepts no files', async () => {
    await expectRefused(await newPlace(), '/proc/t.json', /Cannot write \/proc\/t\.json: /);
  });

  testWith(
    'setpriv',
    '--reuid=65534',
    '--clear-groups',
    'true',
  )('is in a folder of another user', async () => {
    const place = await newPlace();
    await mkdir(place.path('theirs'), { mode: 0o755 });
    await Promise.all(
      [place.folder, place.home, join(place.home, '..')].map((path) => chmod(path, 0o755)),
    );
    await chmod(place.home, 0o777);
    const through = ['setpriv', '--reuid=65534', '--clear-groups'];
    const { code, stderr } = await runCli(place, ['save', '-o', 'theirs/t.json', '--', 'true'], {
      through,
    });
    expect(stderr).toMatch(/^pmproxy: Cannot write theirs\/t\.json: EACCES/);
    expect(code).toBe(2);
  });

  test('has an ending that belongs to no format', async () => {
    await expectRefused(
      await newPlace(),
      't.xyz',
      /Cannot infer a format from "t\.xyz"\. Use one of \.json/,
    );
  });

  test('is given twice', async () => {
    const { code, stderr } = await runInProcess(await newPlace(), [
      'save',
      '-o',
      'a.json',
      '-o',
      './a.json',
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('-o ./a.json is given twice')]);
  });
});

test.each(['0', '077'])('every written file is private under umask %s', async (umask) => {
  const upstream = await httpUpstream((_, response) => response.end('x'.repeat(300_000)));
  const place = await newPlace();
  await writeFile(place.path('t.json'), 'open to all');
  await chmod(place.path('t.json'), 0o666);
  const through = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
  const cli = await startSave(place, ['-o', 't.json', '--secrets', 'env'], { through });
  await ask(cli, upstream.url, { headers: ['Authorization', 'Bearer secret'] });
  const [journal = ''] = await journalsOf(place);
  const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  for (const name of await readdir(journal))
    expect(await modeOf(join(journal, name)), name).toBe('600');
  expect(await modeOf(journal)).toBe('700');
  expect((await cli.end('SIGINT')).code).toBe(0);
  expect(await modeOf(place.path('t.json'))).toBe('600');
  expect(await modeOf(place.path('t.postman_environment.json'))).toBe('600');
});

describe('an explicit output', () => {
  test('is replaced', async () => {
    const place = await newPlace();
    await writeFile(place.path('t.json'), 'old');
    expect((await record(place, '/new', '-o', 't.json')).code).toBe(0);
    expect(pathsIn(await place.read('t.json'))).toEqual(['/new']);
  });

  test('that is a link stays a link, and its target is replaced', async () => {
    const place = await newPlace();
    await mkdir(place.path('real'));
    await writeFile(place.path('real/target.json'), 'old');
    await symlink('real/target.json', place.path('link.json'));
    await record(place, '/new', '-o', 'link.json');
    expect(await readlink(place.path('link.json'))).toBe('real/target.json');
    expect(pathsIn(await place.read('real/target.json'))).toEqual(['/new']);
  });

  test('that is a link to a missing file stays a link', async () => {
    const place = await newPlace();
    await mkdir(place.path('real'));
    await symlink('real/target.json', place.path('link.json'));
    await record(place, '/new', '-o', 'link.json');
    expect((await lstat(place.path('link.json'))).isSymbolicLink()).toBe(true);
    expect(pathsIn(await place.read('real/target.json'))).toEqual(['/new']);
  });

  test('that another recording uses is refused under any of its names', async () => {
    const place = await newPlace();
    await mkdir(place.path('real'));
    await symlink('real', place.path('link'));
    const first = await startSave(place, ['-o', 'real/t.json']);
    const { code, stderr } = await runCli(place, ['save', '-o', 'link/t.json', '--', 'true']);
    expect(stderr).toMatch(
      new RegExp(`^pmproxy: Process ${first.pid} is already recording to .*t\\.json`),
    );
    expect(code).toBe(1);
    expect((await first.end('SIGINT')).code).toBe(0);
  });
});

describe('without an output', () => {
  test('files are named and numbered, and no file is overwritten', async () => {
    const place = await newPlace();
    for (const n of [1, 2, 3]) await record(place, `/${n}`);
    const names = ['', '-2', '-3'].map((number) => `pmproxy${number}.postman_collection.json`);
    expect((await readdir(place.folder)).sort()).toEqual([...names].sort());
    for (const [at, name] of names.entries())
      expect(pathsIn(await place.read(name))).toEqual([`/${at + 1}`]);
  });

  test('--name and --path choose the name and the folder', async () => {
    const place = await newPlace();
    await mkdir(place.path('here'));
    await record(place, '/a', '--name', '../My shop: 1/2', '--path', 'here');
    const [name = ''] = await readdir(place.path('here'));
    expect(name).toMatch(/^[^/.][^/]*\.postman_collection\.json$/);
    const { info } = await place.json<{ info: { name: string } }>(`here/${name}`);
    expect(info.name).toBe('../My shop: 1/2');
  });

  test('two recordings at the same time write two files', async () => {
    const upstream = await httpUpstream((_, response) => response.end());
    const place = await newPlace();
    const first = await startSave(place);
    await ask(first, `${upstream.url}/first`);
    expect((await record(place, '/second')).code).toBe(0);
    expect((await first.end('SIGINT')).code).toBe(0);
    expect((await readdir(place.folder)).sort()).toEqual([
      'pmproxy-2.postman_collection.json',
      'pmproxy.postman_collection.json',
    ]);
  });
});

describe('standard output', () => {
  test('carries only the collection; output of the command goes to standard error', async () => {
    const upstream = await httpUpstream((_, response) => response.end('said by the server'));
    const place = await newPlace();
    const { code, stdout, stderr } = await runCli(place, [
      ...['save', '-o', '-', '--'],
      ...['sh', '-c', `curl -sS ${upstream.url}/piped && echo said by the command`],
    ]);
    expect(code, stderr).toBe(0);
    expect(pathsIn(stdout)).toEqual(['/piped']);
    expect(stderr).toContain('said by the command');
    expect(await readdir(place.folder)).toEqual([]);
  });

  test('without -o - is left to the command', async () => {
    const { stdout } = await runCli(await newPlace(), [
      'save',
      '-o',
      't.json',
      '--',
      'echo',
      'mine',
    ]);
    expect(stdout).toBe('mine\n');
  });

  test('that is closed early is not a failure, and other outputs are written', async () => {
    const upstream = await httpUpstream((_, response) => response.end('x'.repeat(3_000_000)));
    const place = await newPlace();
    const line = `${typed()} save -o - -o t.json -- curl -sS -o got ${upstream.url}/x | head -c 10; echo`;
    const { code, stderr } = await spawnIn(place, ['bash', '-o', 'pipefail', '-c', line], {}).ended;
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/EPIPE|\n\s+at /);
    expect(pathsIn(await place.read('t.json'))).toEqual(['/x']);
    expect(await journalsOf(place)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'that is full is a failure, and the journal is kept',
    async () => {
      const upstream = await httpUpstream((_, response) => response.end('answer'));
      const place = await newPlace();
      const line = `exec ${typed()} save -o - -- curl -sS ${upstream.url}/x > /dev/full`;
      const { code, stderr } = await spawnIn(place, ['sh', '-c', line], {}).ended;
      expect(stderr).toMatch(/pmproxy: Cannot write standard output: .*ENOSPC/);
      expect(code).toBe(1);
      expect(await journalsOf(place)).toHaveLength(1);
    },
  );
});

test('several outputs are all written', async () => {
  const place = await newPlace();
  const { stdout } = await record(
    place,
    '/a',
    '-o',
    'a.json',
    '-o',
    '-',
    '-o',
    'b.json',
    '--name',
    'same',
  );
  const [a, b] = await Promise.all([place.read('a.json'), place.read('b.json')]);
  expect(pathsIn(a)).toEqual(['/a']);
  expect([b, stdout]).toEqual([a, a]);
});

test('the same traffic gives the same bytes', async () => {
  const upstream = await httpUpstream((_, response) => {
    response.sendDate = false;
    response.end('answer');
  });
  const place = await newPlace();
  for (const name of ['a.json', 'b.json']) {
    const cli = await startSave(place, ['-o', name, '--name', 'same']);
    for (const path of ['/1', '/2', '/1']) await ask(cli, upstream.url + path);
    await cli.end('SIGINT');
  }
  expect(await place.read('a.json')).toBe(await place.read('b.json'));
});

test('noise is recorded, and --no-noise leaves it out and counts it', async () => {
  const upstream = await httpUpstream((_, response) => response.end('no news'));
  const place = await newPlace();
  const cli = await startSave(place, ['--no-noise', '-o', 'quiet.json']);
  for (const path of ['/a', '/favicon.ico', '/poll', '/poll', '/poll']) {
    await ask(cli, upstream.url + path);
  }
  const { stderr, code } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('Recorded 5 exchanges.');
  expect(stderr).toContain('Left out as noise: 1 icon, 2 repeated polls.');
  expect(pathsIn(await place.read('quiet.json'))).toEqual(['/a', '/poll']);
});
