import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, isRunning, processMark } from '../src/running-process.ts';
import { eventually } from './helpers/eventually.ts';

/** Processes of proc(5), which other systems do not have. */
const onLinux = process.platform === 'linux' ? test : test.skip;

/** A process that has been killed and that its parent, which sleeps, does not wait for. */
async function zombie(): Promise<number> {
  const script = 'sleep 600 & echo $!; exec sleep 600';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [said] = await once(parent.stdout, 'data');
  const pid = Number(String(said));
  // Until the shell has become `sleep`, it would wait for its child, which becomes another `sleep`.
  for (const each of [parent.pid!, pid])
    await eventually(() => expect(commandOf(each)).toBe('sleep'));
  process.kill(pid, 'SIGKILL');
  await eventually(() => expect(statOf(pid)).toMatch(/^\d+ \(sleep\) Z /));
  return pid;
}

const statOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8');
const commandOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

onLinux('a killed process that nobody has waited for is not running', async () => {
  const pid = await zombie();
  expect(process.kill(pid, 0)).toBe(true);
  expect(isRunning(pid)).toBe(false);
  expect(isAlive({ pid })).toBe(false);
  const processStart = statOf(pid).split(' ')[21]!;
  expect(isAlive({ pid, processStart })).toBe(false);
});

test('a process is running while it runs', async () => {
  expect(isRunning(process.pid)).toBe(true);
  expect(isAlive(processMark())).toBe(true);
  // Another user's process cannot be signalled, but it is there.
  expect(isRunning(1)).toBe(true);
});

onLinux('a later process with the same id is another process', () => {
  expect(isAlive({ ...processMark(), processStart: '1' })).toBe(false);
});
