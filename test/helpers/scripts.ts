import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Exchange, Recording } from '../../src/exchange.ts';
import type { ExportOptions } from '../../src/exporters/exporter.ts';
import { exporters } from '../../src/exporters/index.ts';
import { recordingOf } from './exchanges.ts';

export type FormatId = keyof typeof exporters;

/** Everything that an exporter writes, as bytes. */
export async function renderFormat(
  format: FormatId,
  source: readonly Exchange[] | Recording,
  options: Partial<ExportOptions> = {},
): Promise<Buffer> {
  const recording = 'read' in source ? source : recordingOf(source);
  const chunks: Buffer[] = [];
  const given = { name: 'recorded', ...options };
  for await (const chunk of exporters[format].render(recording, given)) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

/** Runs a script with a POSIX shell in its folder, in an environment of nothing but these variables. */
export async function runScript(
  folder: string,
  script: string | Buffer,
  env: Readonly<Record<string, string>> = {},
  shell = 'sh',
): Promise<{ stdout: Buffer; stderr: string; code: number }> {
  const file = join(folder, 'script.sh');
  await writeFile(file, script);
  const { PATH = '' } = process.env;
  const options = {
    cwd: folder,
    env: { PATH, ...env },
    encoding: 'buffer',
    maxBuffer: 1e8,
  } as const;
  try {
    const { stdout, stderr } = await promisify(execFile)(shell, [file], options);
    return { stdout, stderr: stderr.toString(), code: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: Buffer; stderr: Buffer; code: unknown };
    if (typeof code !== 'number') throw error;
    return { stdout, stderr: stderr.toString(), code };
  }
}

/** Stores attachments in a folder, as the command line does beside an output. */
export function attachIn(folder: string): NonNullable<ExportOptions['attach']> {
  return async (name, bytes) => {
    await writeFile(join(folder, name), bytes);
    return name;
  };
}
