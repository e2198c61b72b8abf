import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, errorCode, UserError } from '../../errors.ts';
import type { Environment } from '../ecosystem.ts';
import type { Browser } from './find.ts';
import { keepBrowser } from './keeper.ts';
import { type Profile, profileUser, wasUsed } from './profile.ts';

/** A browser that we started. */
export type RunningBrowser = {
  /** Resolves when the browser and any process that took over its profile have ended. Never rejects. */
  readonly finished: Promise<BrowserEnd>;
  /** Asks the browser to close, and kills it after `graceMs`. */
  stop(graceMs: number): void;
  /** Kills the browser with all its processes. */
  kill(): void;
};

type BrowserEnd = {
  /** The browser's exit code; 128+n for signal n; 126 if it could not be started. */
  readonly exitCode: number;
  /** Why the exit code is not 0. */
  readonly failure?: UserError;
  /** Whether it opened no page: it could not be started, or ended before it used its profile. */
  readonly neverRan?: true;
};

const isWindows = process.platform === 'win32';
/** How often to check for a browser whose launcher has ended. */
const lookMs = 100;
/** How long a browser may take to appear. */
const launcherMs = 10_000;
/** How much of the browser's standard error is kept: enough for its last lines. */
const saidCharacters = 2000;

/** Starts a browser; its output is only shown if it fails. */
export function startBrowser(
  browser: Browser,
  args: readonly string[],
  { profile, env }: { readonly profile: Profile; readonly env: Environment },
): RunningBrowser {
  // In its own process group: we receive a Ctrl+C and close the browser.
  const child = spawn(browser.program, args, {
    env: { ...env },
    detached: !isWindows,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-saidCharacters);
  });
  const keeper = child.pid === undefined ? undefined : keepBrowser(child.pid, profile.around);
  let isStopping = false;
  let killer: NodeJS.Timeout | undefined;
  const exit = exitOf(child);
  const finished = exit.then(async (end): Promise<BrowserEnd> => {
    if ('error' in end) return notStarted(browser, end.error);
    if (end.code === 0) await untilUsed(profile, () => isStopping);
    await untilUnused(profile);
    clearTimeout(killer);
    // A program opened by the browser may keep running and hold its standard error open.
    child.stderr.destroy();
    keeper?.release();
    if (isStopping || end.code === 0) return { exitCode: 0 };
    return failureOf(browser, end, said, wasUsed(profile.folder));
  });
  const kill = () => {
    isStopping = true;
    void endAll(child, profile, 'SIGKILL');
  };
  return {
    finished,
    stop(graceMs) {
      isStopping = true;
      void endAll(child, profile, 'SIGTERM');
      killer ??= setTimeout(kill, graceMs);
    },
    kill,
  };
}

// A launcher may end before the browser that it started has locked its profile.
async function untilUsed({ folder }: Profile, isStopping: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < launcherMs; waitedMs += lookMs) {
    if (isStopping() || wasUsed(folder) || (await profileUser(folder)) !== undefined) return;
    await sleep(lookMs);
  }
}

async function untilUnused({ folder }: Profile): Promise<void> {
  while ((await profileUser(folder)) !== undefined) await sleep(lookMs);
}

type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

function exitOf(child: ChildProcess): Promise<Exit | { readonly error: Error }> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

// SIGTERM goes only to the browser, which closes its processes; SIGKILL goes to its whole group. Windows has no signals:
// taskkill asks a program's windows to close, or kills it with /F.
async function endAll(
  child: ChildProcess,
  { folder }: Profile,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (isWindows) {
    const force = signal === 'SIGKILL' ? ['/F'] : [];
    spawn('taskkill', ['/PID', String(pid), '/T', ...force], { stdio: 'ignore' }).on('error', () =>
      child.kill(),
    );
    return;
  }
  const user = (await profileUser(folder)) ?? pid;
  send(user, signal);
  if (signal === 'SIGKILL') send(-pid, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // The browser has already ended.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function notStarted({ program }: Browser, cause: Error): BrowserEnd {
  const message = `Browser cannot be started: ${program} (${describeError(cause)})`;
  return { exitCode: 126, failure: new UserError(message, { cause }), neverRan: true };
}

function failureOf(
  { title }: Browser,
  { code, signal }: Exit,
  said: string,
  hasRun: boolean,
): BrowserEnd {
  const exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  const how = signal === null ? `exit code ${code}` : signal;
  const hint = NO_DISPLAY.test(said)
    ? 'Without a desktop, add: --browser-arg --headless'
    : undefined;
  // After a crash, the last lines are about the crash report.
  const last = signal === null && hint === undefined ? lastLines(said) : '';
  const failure = new UserError(
    `${title} did not close normally (${how}).${last && ` It printed: ${last}`}`,
    hint === undefined ? {} : { hint },
  );
  return { exitCode, failure, ...(!hasRun && { neverRan: true }) };
}

// Removes the process, time and file that Chromium puts before a message.
function lastLines(said: string): string {
  const lines = said.trim().split('\n').slice(-2);
  return lines.map((line) => line.replace(/^\[[^\]]*\]\s*/, '').trim()).join(' ');
}

/** Both families print this if there is no desktop. */
const NO_DISPLAY = /\$DISPLAY|DISPLAY environment variable|cannot open display/i;
