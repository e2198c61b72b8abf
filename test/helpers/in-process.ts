import fs from 'node:fs';
import { expect, vi } from 'vitest';
import { main } from '../../src/cli.ts';
import { type CliEnd, cleanEnvironment, type Place } from './cli.ts';

/** What a command that ended by itself has left. */
export type CommandEnd = Pick<CliEnd, 'code' | 'stdout' | 'stderr'>;

/**
 * Runs a command line in this process, which saves the start of Node. It is for commands that read their arguments and
 * files, write and return: what reads standard input, waits for signals or listens is run by `runCli`.
 *
 * @throws when the command leaves a listener on the process behind
 */
export async function runInProcess(place: Place, args: readonly string[]): Promise<CommandEnd> {
  const output = { stdout: '', stderr: '' };
  const restore = [
    captured(process.stdout, (text) => {
      output.stdout += text;
    }),
    captured(process.stderr, (text) => {
      output.stderr += text;
    }),
    withoutDescriptor(2, (text) => {
      output.stderr += text;
    }),
    inEnvironment({ ...cleanEnvironment(place), NO_COLOR: '1' }),
    inFolder(place.folder),
  ];
  const before = processListeners();
  let code: number;
  try {
    code = await main(args);
  } finally {
    for (const step of restore.reverse()) step();
  }
  expect(processListeners()).toBe(before);
  return { code, ...output };
}

/** Takes what is written to a stream; without the listeners that `main` adds for each command line. */
function captured(stream: NodeJS.WriteStream, take: (text: string) => void): () => void {
  const listeners = new Set(stream.listeners('error'));
  const spy = vi.spyOn(stream, 'write').mockImplementation((chunk, ...rest: unknown[]) => {
    take(Buffer.from(chunk as Uint8Array).toString());
    const callback = rest.find((one) => typeof one === 'function');
    if (callback) process.nextTick(callback);
    return true;
  });
  return () => {
    spy.mockRestore();
    for (const listener of stream.listeners('error'))
      if (!listeners.has(listener)) stream.off('error', listener as () => void);
  };
}

/** Takes what is written to a descriptor itself, as pino does. */
function withoutDescriptor(descriptor: number, take: (text: string) => void): () => void {
  const { writeSync } = fs;
  const spy = vi.spyOn(fs, 'writeSync').mockImplementation((...args: unknown[]) => {
    if (args[0] !== descriptor) return (writeSync as (...all: unknown[]) => number)(...args);
    const bytes = Buffer.from(args[1] as string);
    take(bytes.toString());
    return bytes.length;
  });
  return () => spy.mockRestore();
}

function inEnvironment(env: Readonly<Record<string, string>>): () => void {
  const replaced = { ...process.env };
  const set = (values: NodeJS.ProcessEnv) => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, values);
  };
  set(env);
  return () => set(replaced);
}

function inFolder(folder: string): () => void {
  const left = process.cwd();
  process.chdir(folder);
  return () => process.chdir(left);
}

function processListeners(): string {
  return process
    .eventNames()
    .map((name) => `${String(name)} ${process.listenerCount(name)}`)
    .sort()
    .join(', ');
}
