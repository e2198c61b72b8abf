import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  journalsOf,
  newPlace,
  type Place,
  type RunningCli,
  runCli,
  runTyped,
  spawnIn,
  startCli,
  startSave,
  typed,
  untilNoEcho,
} from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { ask } from '../helpers/http-client.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { httpUpstream, listen, lowPort } from '../helpers/upstream.ts';

/** Has a shell that says `started` run a script after `--`, and waits for that. */
async function startScript(place: Place, script: string): Promise<RunningCli> {
  const cli = startCli(place, [
    ...['save', '-o', 't.json', '--grace', '60s'],
    ...['--', 'sh', '-c', script],
  ]);
  await cli.says(/started/);
  return cli;
}

const ESCAPE = '\u001b';

test('a missing command prints the help and is wrong usage', async () => {
  const { code, stdout, stderr } = await runCli(await newPlace(), []);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^Usage: pmproxy/);
});

test('a port in use is named in the error, and the suggested command works', async () => {
  const { port } = await listen(createServer(), 'http', '127.0.0.1', await lowPort());
  const place = await newPlace();
  const { code, stderr } = await runCli(place, ['save', '--port', String(port)]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(
      new RegExp(
        `^pmproxy: Port ${port} is already in use\\. Try: pmproxy save --port ${port + 1}\n$`,
      ),
    ),
  ]);
  expect(await journalsOf(place)).toEqual([]);
  const [, command = ''] = /Try: (.*)/.exec(stderr) ?? [];
  const { code: typedCode, stderr: typedSaid } = await runTyped(place, `${command} -- true`);
  expect(typedCode, typedSaid).toBe(0);
});

describe('a wrapped command', () => {
  test('that does not exist ends with 127 and a message', async () => {
    const place = await newPlace();
    const { code, stderr } = await runCli(place, [
      'save',
      '-o',
      't.json',
      '--log-format',
      'pretty',
      '--',
      'no-such-program',
      '--flag',
    ]);
    expect(stderr).toMatch(/error: Command not found: no-such-program\nCheck the spelling/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(127);
    expect(await journalsOf(place)).toEqual([]);
  });

  test('that may not be executed ends with 126', async () => {
    const place = await newPlace();
    await writeFile(place.path('script.sh'), '#!/bin/sh\n');
    const { code, stderr } = await runCli(place, ['save', '-o', 't.json', '--', './script.sh']);
    expect(stderr).toContain('chmod +x ./script.sh');
    expect(code).toBe(126);
  });

  test.each([
    ['its own exit code', 'exit 42', 42],
    ['128 plus the signal that ended it', 'kill -TERM $$', 143],
    ['0 on success', 'true', 0],
  ])('ends pmproxy with %s', async (_, script, expected) => {
    const place = await newPlace();
    const { code, stderr } = await runCli(place, [
      'save',
      '-o',
      't.json',
      '--',
      'sh',
      '-c',
      script,
    ]);
    expect(code, stderr).toBe(expected);
    expect((await place.json<{ item: unknown[] }>('t.json')).item).toEqual([]);
  });

  test('may have options of any kind', async () => {
    const place = await newPlace();
    const args = ['save', '-q', '-o', 't.json', '--', 'echo', '--port', '-x', '--', '--no_such'];
    expect((await runCli(place, args)).stdout).toBe('--port -x -- --no_such\n');
  });

  test('that ignores Ctrl+C is killed after --grace, and its traffic is written', async () => {
    const upstream = await httpUpstream((_, response) => response.end('answer'));
    const place = await newPlace();
    const script = `trap '' INT; curl -sS ${upstream.url}/a; touch started; while :; do sleep 0.05; done`;
    const args = ['save', '-o', 't.json', '--grace', '400ms', '--', 'sh', '-c', script];
    const cli = startCli(place, args);
    await cli.says(/\/a"/);
    const stopped = performance.now();
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(137);
    expect(performance.now() - stopped).toBeGreaterThan(380);
    expect((await place.json<{ item: unknown[] }>('t.json')).item).toHaveLength(1);
  });

  test('that ignores Ctrl+C is killed by the second one', async () => {
    const place = await newPlace();
    const script = `trap '' INT; echo started >&2; while :; do sleep 0.05; done`;
    const cli = await startScript(place, script);
    cli.kill('SIGINT');
    await untilNoEcho();
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(130);
  });

  test('that is stopped may choose its own exit code', async () => {
    const place = await newPlace();
    const script = `trap 'exit 7' TERM; echo started >&2; while :; do sleep 0.02; done`;
    const cli = await startScript(place, script);
    expect((await cli.end('SIGTERM')).code).toBe(7);
  });
});

describe('--min', () => {
  const args = (min: number, url: string) => [
    ...['save', '-o', 't.json', '--min', String(min), '--log-format', 'pretty'],
    ...['--', 'curl', '-sS', url],
  ];

  test('ends with 3 when fewer exchanges were recorded, and the file is still written', async () => {
    const upstream = await httpUpstream((_, response) => response.end());
    const place = await newPlace();
    const { code, stderr } = await runCli(place, args(2, upstream.url));
    expect(stderr).toContain('recorded 1, fewer than --min 2');
    expect(code).toBe(3);
    expect((await place.json<{ item: unknown[] }>('t.json')).item).toHaveLength(1);
  });

  test('ends with 0 when enough exchanges were recorded', async () => {
    const upstream = await httpUpstream((_, response) => response.end());
    expect((await runCli(await newPlace(), args(1, upstream.url))).code).toBe(0);
  });

  test('does not replace the exit code of a failed command', async () => {
    const { code } = await runCli(await newPlace(), [
      'save',
      '-o',
      't.json',
      '--min',
      '1',
      '--',
      'false',
    ]);
    expect(code).toBe(1);
  });
});

test('the ready file exists while the proxy listens, and contains its address', async () => {
  const place = await newPlace();
  await writeFile(place.path('ready.json'), 'left by one that was killed');
  const cli = await startSave(place, ['-o', 't.json']);
  const ready = await place.json<object>('ready.json');
  expect(ready).toEqual({
    pid: cli.pid,
    port: cli.port,
    proxy: `http://127.0.0.1:${cli.port}`,
    ca: cli.ca,
  });
  expect(await readFile(cli.ca, 'utf8')).toContain('BEGIN CERTIFICATE');
  await cli.end('SIGINT');
  await expect(place.read('ready.json')).rejects.toThrow('ENOENT');
});

test('a ready file that cannot be written is wrong usage', async () => {
  const { code, stderr } = await runCli(await newPlace(), [
    'save',
    '-p',
    '0',
    '-o',
    't.json',
    '--ready-file',
    'no/r.json',
  ]);
  expect(stderr).toMatch(/pmproxy: Cannot write the ready file no\/r\.json: ENOENT/);
  expect(code).toBe(2);
});

test('underscores in option names are accepted (PostmanProxy compatibility), and values are unchanged', async () => {
  const upstream = await httpUpstream((_, response) => response.end());
  const place = await newPlace();
  const args = [
    '--restricted_headers',
    'true',
    '--max_body=1kb',
    '--name',
    'my_name',
    '--no_dedupe',
  ];
  const cli = await startSave(place, args);
  await ask(cli, upstream.url, { headers: ['Origin', 'http://a.test'] });
  const { code, stderr } = await cli.end('SIGINT');
  expect(code, stderr).toBe(0);
  expect(await place.read('my_name.postman_collection.json')).toContain('http://a.test');
});

describe('the log', () => {
  test('is empty with --quiet unless there is an error', async () => {
    const upstream = await httpUpstream((_, response) => response.end());
    const place = await newPlace();
    const args = ['save', '-q', '-o', 't.json', '--', 'curl', '-sS', upstream.url];
    expect(await runCli(place, args)).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const wrong = await runCli(place, ['save', '-q', '-o', 't.json', '--', 'no-such-program']);
    expect(wrong.stderr).toContain('Command not found');
  });

  test('as JSON has a line with method, URL and status for each exchange', async () => {
    const upstream = await httpUpstream((_, response) => response.writeHead(404).end('gone'));
    const place = await newPlace();
    const cli = await startSave(place, ['-o', 't.json', '--log-format', 'json']);
    await ask(cli, `${upstream.url}/a?b=c`, { method: 'PUT' });
    const { stderr } = await cli.end('SIGINT');
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { exchange } = lines.find(({ msg }) => msg === 'exchange');
    expect(exchange).toMatchObject({
      method: 'PUT',
      url: `${upstream.url}/a?b=c`,
      status: 404,
      bytes: 4,
      outcome: 'completed',
    });
    expect(lines.every(({ time, level, msg }) => time && level && msg)).toBe(true);
    expect(stderr).not.toContain('"line"');
  });

  test('is JSON without a terminal, and has no escape sequences when pretty', async () => {
    const upstream = await httpUpstream((_, response) => response.end());
    const place = await newPlace();
    const command = ['--', 'curl', '-sS', upstream.url];
    const json = await runCli(place, ['save', '-o', 't.json', ...command]);
    expect(json.stdout).toBe('');
    for (const line of json.stderr.trimEnd().split('\n')) JSON.parse(line);
    const pretty = await runCli(place, [
      'save',
      '-o',
      't.json',
      '--log-format',
      'pretty',
      ...command,
    ]);
    expect(pretty.stderr).toContain('GET');
    expect(json.stderr + pretty.stderr).not.toContain(ESCAPE);
  });

  testWith('script', '--version')('is coloured on a terminal unless NO_COLOR is set', async () => {
    const upstream = await httpUpstream((_, response) => response.end());
    const place = await newPlace();
    const command = `${typed()} save -o t.json -- curl -sS ${upstream.url}`;
    const onTerminal = (env: Record<string, string>) =>
      spawnIn(place, ['script', '-qec', command, '/dev/null'], { TERM: 'xterm-256color', ...env })
        .ended;
    expect((await onTerminal({})).stdout).toContain(`${ESCAPE}[32m200`);
    const plain = await onTerminal({ NO_COLOR: '1' });
    expect(plain.stdout).toMatch(/GET +200 /);
    expect(plain.stdout).not.toContain(ESCAPE);
  });

  test('warns when other machines can reach the bind address', async () => {
    const { stderr } = await runCli(await newPlace(), [
      'save',
      '-o',
      't.json',
      '--bind',
      '0.0.0.0',
      '--log-format',
      'pretty',
      '--',
      'true',
    ]);
    expect(stderr).toMatch(/warning: listening on 0\.0\.0\.0/);
  });
});

test.each(['', 'save', 'filter', 'sync', 'client', 'convert', 'ca', 'env'])(
  'the help of pmproxy %s fits in 80 columns',
  async (command) => {
    const { code, stdout, stderr } = await runInProcess(await newPlace(), [
      ...(command ? [command] : []),
      '--help',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: pmproxy/);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  },
);

test.each([
  ['help', '--help'],
  ['help save', 'save --help'],
])('pmproxy %s is pmproxy %s', async (words, options) => {
  const said = await runInProcess(await newPlace(), words.split(' '));
  expect(said).toEqual(await runInProcess(await newPlace(), options.split(' ')));
  expect(said.code).toBe(0);
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  expect(await runCli(await newPlace(), ['--version'])).toMatchObject({
    code: 0,
    stdout: `${version}\n`,
  });
});
