import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished, vi } from 'vitest';
import { openAuthority } from '../../src/proxy/authority.ts';
import { type Collection, itemsIn } from './collections.ts';
import { eventually } from './eventually.ts';
import { newFolder } from './folder.ts';

const binary = fileURLToPath(new URL('../../bin/pmproxy.js', import.meta.url));

/** Where a command runs: its own working folder and its own PMPROXY_HOME. */
export type Place = {
  readonly folder: string;
  readonly home: string;
  /** A file's absolute path in the working folder. */
  path(name: string): string;
  read(name: string): Promise<string>;
  json<T>(name: string): Promise<T>;
};

export type CliEnd = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunningCli = {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<CliEnd>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<CliEnd>;
  kill(signal: NodeJS.Signals): void;
  /** Writes to standard input. */
  type(text: string): void;
  /** Ends standard input, after this. */
  closeInput(text?: string): void;
  /** Waits until standard error holds this. */
  says(pattern: RegExp): Promise<void>;
};

export type ListeningCli = RunningCli & {
  readonly port: number;
  readonly proxy: string;
  readonly ca: string;
};

export type CliOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Runs this program instead, with the command line of pmproxy behind these arguments. */
  readonly through?: readonly string[];
};

let authority: Promise<string> | undefined;

/** A new place; the certificate authority in its home is one for all of the test file, to save time. */
export async function newPlace(): Promise<Place> {
  const [folder, home] = await Promise.all([newFolder(), newFolder()]);
  authority ??= newFolder().then(async (made) => {
    await openAuthority(made);
    return made;
  });
  await cp(await authority, home, { recursive: true });
  const path = (name: string) => join(folder, name);
  const read = (name: string) => readFile(path(name), 'utf8');
  return { folder, home, path, read, json: async (name) => JSON.parse(await read(name)) };
}

/** The environment of a command: nothing of ours but the way to programs. */
export function cleanEnvironment({ folder, home }: Place): Record<string, string> {
  const { PATH = '' } = process.env;
  return { PATH, HOME: folder, PMPROXY_HOME: home, TMPDIR: folder };
}

/** Starts the real binary; it is gone when the test is over. */
export function startCli(
  place: Place,
  args: readonly string[],
  { env = {}, through = [] }: CliOptions = {},
): RunningCli {
  return spawnIn(place, [...through, process.execPath, binary, ...args], env);
}

/** Starts a program where and as the binary would be; it is gone when the test is over. */
export function spawnIn(
  place: Place,
  [program = '', ...rest]: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningCli {
  const child = spawn(program, rest, {
    cwd: place.folder,
    env: { ...cleanEnvironment(place), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text;
  });
  const ended = endOf(child, output);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended.catch(() => {});
  });
  return {
    pid: child.pid ?? -1,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    ended,
    end(signal) {
      child.kill(signal);
      return ended;
    },
    kill: (signal) => void child.kill(signal),
    type: (text) => void child.stdin.write(text),
    closeInput: (text = '') => void child.stdin.end(text),
    async says(pattern) {
      await eventually(() => {
        if (!pattern.test(output.stderr))
          throw new Error(`${pattern} is not in: ${output.stderr.slice(-2000)}`);
      });
    },
  };
}

async function endOf(
  child: ChildProcess,
  output: { stdout: string; stderr: string },
): Promise<CliEnd> {
  const [code, signal] = await once(child, 'close');
  return { code, signal, ...output };
}

/** Runs the real binary to its end. */
export function runCli(
  place: Place,
  args: readonly string[],
  options?: CliOptions,
): Promise<CliEnd> {
  return startCli(place, args, options).ended;
}

/** Starts `pmproxy save` on a free port and waits until it listens. */
export function startSave(
  place: Place,
  args: readonly string[] = [],
  options?: CliOptions,
): Promise<ListeningCli> {
  return startListening(place, ['save', ...args], options);
}

/** Starts a proxy command, its name first, on a free port and waits until it listens. */
export async function startListening(
  place: Place,
  [name = '', ...args]: readonly string[],
  options?: CliOptions,
): Promise<ListeningCli> {
  const readyFile = place.path('ready.json');
  // One that a killed process left would be believed.
  await rm(readyFile, { force: true });
  const own = [name, '--ready-file', readyFile];
  const port = args.some((arg) => /^(-p|--port)/.test(arg)) ? [] : ['--port', '0'];
  const cli = startCli(place, [...own, ...port, ...args], options);
  let over = false;
  void cli.ended.then(() => {
    over = true;
  });
  const ready = await vi.waitUntil(
    async () => {
      if (over) throw new Error(`It ended: ${cli.stderr}`);
      return readFile(readyFile, 'utf8').then(JSON.parse, () => undefined);
    },
    { timeout: 90_000, interval: 5 },
  );
  const { port: number, proxy, ca } = ready;
  return Object.assign(Object.create(cli), { port: number, proxy, ca });
}

/** Suspends a program, and waits until it is suspended or has ended; SIGCONT resumes it. */
export async function standStill(cli: RunningCli): Promise<void> {
  cli.kill('SIGSTOP');
  await eventually(async () => {
    const state = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(cli.pid)]).then(
      ({ stdout }) => stdout,
      () => 'gone',
    );
    if (!/^[TZ]|^gone/.test(state)) throw new Error(`Its state is ${state}`);
  });
}

/** Two signals at nearly the same time count as one; on a busy machine, later ones may arrive together. */
export function untilNoEcho(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000));
}

/** The paths of the requests in a collection's text, in folders or not, with their queries, in order. */
export function pathsIn(collection: string): string[] {
  return itemsIn(JSON.parse(collection) as Collection).map(({ request }) =>
    request.url.raw.replace(/^(\{\{\w+\}\}|[a-z]+:\/\/[^/]+)(?=\/|$)/, ''),
  );
}

/** The journals that a place's home holds, by folder. */
export async function journalsOf({ home }: Place): Promise<string[]> {
  const folder = join(home, 'journals');
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}

/** This binary as a word of a shell's command line. */
export function typed(): string {
  return `'${process.execPath}' '${binary}'`;
}

/** Runs the command that a message suggests through a shell, with this binary as pmproxy. */
export function runTyped(place: Place, command: string): Promise<CliEnd> {
  const shell = `pmproxy() { ${typed()} "$@"; }\n${command}`;
  return spawnIn(place, ['sh', '-c', shell], {}).ended;
}
