import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { newFolder } from './folder.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Runners load a lot of code before they do anything; a busy machine may take a minute for that. */
const GIVEN_UP_MS = 110_000;

const programs = {
  newman: () => join(dirname(require.resolve('newman/package.json')), 'bin/newman.js'),
  postman: () => join(dirname(require.resolve('postman-cli/package.json')), 'bin/postman.js'),
};

export type RunnerName = keyof typeof programs;
export const runnerNames = Object.keys(programs) as RunnerName[];

/** Runs a collection file from its folder with the real runner; fails as the runner does. */
export async function runCollection(
  runner: RunnerName,
  file: string,
  values: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<void> {
  const folder = dirname(file);
  const home = await quietHome();
  const command = runner === 'postman' ? ['collection', 'run'] : ['run'];
  const given = Object.entries(values).flatMap(([key, value]) => ['--env-var', `${key}=${value}`]);
  const args = [programs[runner](), ...command, file, '--working-dir', folder, ...given];
  try {
    await run(process.execPath, [...args, ...options, '--disable-unicode'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: home },
      timeout: GIVEN_UP_MS,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${runner} failed:\n${stdout ?? ''}\n${stderr ?? ''}`, { cause: error });
  }
}

/** Makes a collection v3 of a v2.1 file with the Postman CLI. */
export async function migrateCollection(file: string, folder: string): Promise<void> {
  await postmanCli(['collection', 'migrate', file, '-o', folder]);
}

/** Lets the Postman CLI look through a collection v3; fails with its complaints. */
export async function lintCollection(folder: string): Promise<void> {
  await postmanCli(['collection', 'lint', folder, '--fail-severity', 'warning']);
}

async function postmanCli(args: readonly string[]): Promise<void> {
  const home = await quietHome();
  try {
    await run(process.execPath, [programs.postman(), ...args], {
      cwd: home,
      env: { PATH: process.env['PATH'], HOME: home },
      timeout: GIVEN_UP_MS,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${args.join(' ')} failed:\n${stdout ?? ''}\n${stderr ?? ''}`, {
      cause: error,
    });
  }
}

/** A home in which the Postman CLI has just looked for updates, so that it does not look again. */
async function quietHome(): Promise<string> {
  const home = await newFolder();
  await mkdir(join(home, '.postman'));
  const settings = { updates: { updateCheckedTimestamp: Date.now() } };
  await writeFile(join(home, '.postman', 'postmanrc'), JSON.stringify(settings));
  return home;
}
