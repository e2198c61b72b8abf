import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCommand } from '../../src/launch/command.ts';

const env = { PATH: process.env['PATH'] ?? '' };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-'));
});
afterEach(() => rm(folder, { recursive: true }));

const start = (code: string, graceMs = 100_000) =>
  startCommand(process.execPath, ['-e', code], { env, graceMs });

test("a command's own exit code is passed on", async () => {
  expect(await start('process.exitCode = 42').finished).toEqual({ exitCode: 42 });
});

test('a command that a signal ends has the exit code 128 plus its number', async () => {
  const { finished } = start("process.kill(process.pid, 'SIGTERM')");
  expect(await finished).toEqual({ exitCode: 143 });
});

test('a command that does not exist ends with 127 and a message with its name', async () => {
  const end = await startCommand('no-such-command', [], { env, graceMs: 1 }).finished;
  expect(end.exitCode).toBe(127);
  expect(end.failure?.message).toBe('Command not found: no-such-command');
});

test('a file that may not be executed ends with 126 and a suggested command', async () => {
  const file = join(folder, 'script.sh');
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, 0o600);
  const end = await startCommand(file, [], { env, graceMs: 1 }).finished;
  expect(end.exitCode).toBe(126);
  expect(end.failure?.hint).toBe(`Try: chmod +x ${file}`);
});

test('a folder instead of a command ends with 126 and a message', async () => {
  const end = await startCommand(folder, [], { env, graceMs: 1 }).finished;
  expect(end.exitCode).toBe(126);
  expect(end.failure?.message).toBe(`Command cannot be executed: ${folder} is a directory`);
  expect(end.failure?.hint).toBe(`Name a program in it, such as: ${join(folder, 'program')}`);
});

test('arguments reach the command unchanged, without a shell', async () => {
  const args = ['a b', '$HOME', '*', ''];
  const code = `process.exitCode = JSON.stringify(process.argv.slice(1)) === ${JSON.stringify(JSON.stringify(args))} ? 7 : 8`;
  const command = startCommand(process.execPath, ['-e', code, ...args], { env, graceMs: 1 });
  expect(await command.finished).toEqual({ exitCode: 7 });
});

test('the command gets exactly the given environment', async () => {
  const code =
    'process.exitCode = process.env.PATH && !process.env.HOME && !process.env.VITEST ? 7 : 8';
  expect(await start(code).finished).toEqual({ exitCode: 7 });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s is passed on', async (signal) => {
  const ready = join(folder, 'ready');
  const command = start(untilKilled(ready, `process.on('${signal}', () => process.exit(9))`));
  await written(ready);
  command.stop(signal);
  expect(await command.finished).toEqual({ exitCode: 9 });
});

test('a command that ignores the signal is waited for, then killed', async () => {
  const ready = join(folder, 'ready');
  const command = start(untilKilled(ready, "process.on('SIGTERM', () => {})"), 100);
  await written(ready);
  const stopped = performance.now();
  command.stop('SIGTERM');
  expect(await command.finished).toEqual({ exitCode: 137 });
  expect(performance.now() - stopped).toBeGreaterThan(90);
});

test('stopping an ended command does nothing', async () => {
  const command = start('');
  await command.finished;
  expect(() => command.stop('SIGTERM')).not.toThrow();
});

function untilKilled(ready: string, handler: string): string {
  const announce = `require('node:fs').writeFileSync(${JSON.stringify(ready)}, 'x')`;
  return `${handler}; setInterval(() => {}, 1000); ${announce}`;
}

async function written(file: string): Promise<void> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
