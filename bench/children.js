/** Child processes and temporary folders: whatever is started or made here is gone when the bench ends. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @typedef {object} Child
 * @property {import('node:child_process').ChildProcess} process
 * @property {number} pid
 * @property {string} logFile what it wrote to stdout and stderr
 */

/** @type {Set<Child>} */
const running = new Set();
/** @type {Set<string>} */
const folders = new Set();

/**
 * Makes a temporary folder that is removed at the end of the bench at the latest.
 * @param {string} name
 * @returns {string} its path
 */
export function makeFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `pmproxy-bench-${name}-`));
  folders.add(folder);
  return folder;
}

/** @param {string} folder made by `makeFolder` */
export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}

/**
 * Starts a program. It gets a process group of its own, so that Ctrl+C reaches the bench alone, which
 * then ends its children itself.
 * @param {string} command
 * @param {string[]} args
 * @param {{logFile: string, env?: NodeJS.ProcessEnv, cwd?: string}} options
 * @returns {Promise<Child>}
 * @throws when the program cannot be started
 */
export async function startProgram(command, args, { logFile, env, cwd }) {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, {
    cwd,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  await once(child, 'spawn');
  return keep(child, logFile);
}

/**
 * Starts a Node script with an IPC channel, over which it sends `{port}`, and further ports by name, once it listens. The
 * script ends itself when the channel closes, so it does not outlive a bench that was killed.
 * @param {string} script
 * @param {string[]} args
 * @param {{logFile: string, env?: NodeJS.ProcessEnv, cwd?: string, node?: string}} options `node`: path of the Node that
 *   runs it, if not the bench's own
 * @returns {Promise<Child & {port: number}>} with what it sent
 * @throws when it ends before it listens
 */
export async function startScript(script, args, { logFile, env, cwd, node }) {
  const log = openSync(logFile, 'a');
  const process_ = fork(script, args, {
    cwd,
    detached: true,
    env: { ...process.env, ...env },
    execArgv: [],
    execPath: node ?? process.execPath,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const child = keep(process_, logFile);
  const said = await waitFor(child, async (signal) => {
    const [message] = await once(process_, 'message', { signal });
    return message;
  });
  return { ...child, ...said };
}

/**
 * Waits for what a starting child is expected to do.
 * @template T
 * @param {Child} child
 * @param {(signal: AbortSignal) => Promise<T>} ready gives up when the signal says so
 * @param {number} [limitMs]
 * @returns {Promise<T>}
 * @throws with the last line of the child's log when it ends first, or when the time is up
 */
export async function waitFor(child, ready, limitMs = 20_000) {
  const timeout = new AbortController();
  const gone = async () => {
    if (isRunning(child)) await once(child.process, 'exit', { signal: timeout.signal });
    throw new Error(`ended before it listened: ${lastLine(child.logFile)}`);
  };
  const late = async () => {
    await delay(limitMs, undefined, { signal: timeout.signal });
    throw new Error(`did not listen within ${limitMs / 1000} s: ${lastLine(child.logFile)}`);
  };
  try {
    return await Promise.race([ready(timeout.signal), gone(), late()]);
  } catch (error) {
    await stopChild(child);
    throw error;
  } finally {
    timeout.abort();
  }
}

/**
 * Ends a child by its pid and waits until it is gone.
 * @param {Child} child
 * @param {NodeJS.Signals} [signal]
 * @param {number} [limitMs] after this it gets SIGKILL
 * @returns {Promise<boolean>} whether it ended by itself within the limit
 */
export async function stopChild(child, signal = 'SIGKILL', limitMs = 5_000) {
  if (!isRunning(child)) return true;
  const exited = once(child.process, 'exit');
  child.process.kill(signal);
  const timer = new AbortController();
  const late = delay(limitMs, 'late', { signal: timer.signal }).catch(() => 'stopped waiting');
  const inTime = (await Promise.race([exited, late])) !== 'late';
  timer.abort();
  if (!inTime) {
    child.process.kill('SIGKILL');
    await exited;
  }
  return inTime;
}

/** @param {Child} child */
export function isRunning(child) {
  return child.process.exitCode === null && child.process.signalCode === null;
}

/**
 * The last line that says something, which for a crashed Node process is the message of its error.
 * @param {string} file
 * @returns {string}
 */
export function lastLine(file) {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim());
  const error = lines.find((line) => /^(\w*Error|error)\b.*:/.test(line));
  return error ?? lines.filter((line) => line && !line.startsWith('Node.js v')).at(-1) ?? 'no word';
}

/** Ends every child and removes every folder at once: for the end of the bench, however it comes. */
export function cleanUp() {
  for (const child of running) child.process.kill('SIGKILL');
  for (const folder of folders) removeFolder(folder);
}

/**
 * @param {import('node:child_process').ChildProcess} process_
 * @param {string} logFile
 * @returns {Child}
 */
function keep(process_, logFile) {
  const child = { process: process_, pid: /** @type {number} */ (process_.pid), logFile };
  running.add(child);
  process_.once('exit', () => running.delete(child));
  process_.on('error', () => {}); // a signal that comes too late; the exit tells the rest
  return child;
}
