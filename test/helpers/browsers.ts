import { existsSync } from 'node:fs';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { isRunning } from '../../src/running-process.ts';
import { type CliOptions, type Place, type RunningCli, startCli } from './cli.ts';
import { eventually } from './eventually.ts';
import { upstreamAuthority } from './upstream.ts';

/** The browser that a command has started. */
export type StartedBrowser = RunningCli & {
  /** The process that uses the profile, once there is one. */
  browserPid(): Promise<number>;
  /** Profiles that are on the disk. */
  profiles(): Promise<string[]>;
};

/** Starts a command with `--browser`, which trusts the secure servers of tests; the browser is gone when the test is over. */
export async function startWithBrowser(
  place: Place,
  [name = '', ...args]: readonly string[],
  options?: CliOptions,
): Promise<StartedBrowser> {
  const trusted = place.path('upstream-ca.pem');
  await writeFile(trusted, (await upstreamAuthority()).certPem);
  const own = [name, '--trust', trusted, '--no-upstream', '--log-format', 'pretty'];
  const cli = startCli(place, [...own, ...args], options);
  const profiles = async () => {
    const names = await readdir(place.folder);
    return names.filter((entry) => entry.startsWith('pmproxy-browser-')).map(place.path);
  };
  const pids = async () => {
    const found = (await profiles()).flatMap((folder) =>
      ['SingletonLock', 'lock'].map((lock) => join(folder, 'profile', lock)),
    );
    const targets = await Promise.all(found.map((path) => readlink(path).catch(() => '')));
    return targets
      .map((target) => Number(/(\d+)$/.exec(target)?.[1]))
      .filter((pid) => isRunning(pid));
  };
  // Test helpers end what they started in reverse order: this comes before pmproxy is killed.
  onTestFinished(async () => {
    for (const pid of await pids()) process.kill(pid, 'SIGKILL');
  });
  const browserPid = () =>
    eventually(async () => {
      const [pid] = await pids();
      if (pid === undefined) throw new Error(`No browser runs: ${cli.stderr}`);
      return pid;
    });
  return Object.assign(Object.create(cli), { browserPid, profiles });
}

/** Waits until a process has ended and a folder is gone. */
export async function untilGone(pid: number, folder: string): Promise<void> {
  await eventually(() => {
    if (isRunning(pid)) throw new Error(`${pid} is still running`);
    if (existsSync(folder)) throw new Error(`${folder} is still there`);
  });
}
