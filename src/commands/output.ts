import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  access,
  link,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode, UserError, usageError } from '../errors.ts';
import { isRunning } from '../record/journal.ts';

/** A place that a recording is written to. */
export type Output =
  | { readonly kind: 'stdout' }
  /** `path` is absolute and no link. An explicit path is replaced; any other is never overwritten. */
  | { readonly kind: 'file'; readonly path: string; readonly replace: boolean };

/**
 * Checks, before anything is recorded, that an output can be written, and finds where a link leads.
 *
 * @param path as given on the command line; `-` is standard output
 * @throws UserError (exit code 2) when it is a folder, a FIFO or a device, or in a folder that does
 *   not exist or cannot be written
 */
export async function explicitOutput(path: string): Promise<Output> {
  if (path === '-') return { kind: 'stdout' };
  const target = await followLink(resolve(path));
  const found = await statIfThere(target);
  if (path.endsWith('/') || found?.isDirectory()) {
    throw usageError(
      `Cannot write ${path}: it is a folder.`,
      `Try: -o ${join(path, 'traffic.json')}`,
    );
  }
  if (found && !found.isFile()) throw usageError(`Cannot write ${path}: it is no regular file.`);
  await assertWritable(dirname(target), path);
  return { kind: 'file', path: target, replace: true };
}

/**
 * The output that is taken when none is given: `<name>.postman_collection.json` in a folder, with a
 * number when that is taken.
 *
 * @throws UserError (exit code 2) when the folder does not exist or cannot be written
 */
export async function defaultOutput(folder: string, name: string): Promise<Output> {
  const path = join(resolve(folder), `${name}.postman_collection.json`);
  await assertWritable(dirname(path), path);
  return { kind: 'file', path: await freePath(path), replace: false };
}

async function assertWritable(folder: string, shown: string): Promise<void> {
  const found = await statIfThere(folder);
  if (found === undefined) {
    throw usageError(
      `Cannot write ${shown}: the folder ${folder} does not exist.`,
      `Try: mkdir -p ${folder}`,
    );
  }
  if (!found.isDirectory()) throw usageError(`Cannot write ${shown}: ${folder} is no folder.`);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    // Permissions do not tell of a read-only or a full file system; a file does.
    const probe = temporaryName(join(folder, 'probe'));
    await writeFile(probe, '', { flag: 'wx', mode: 0o600 });
    await unlink(probe);
  } catch (cause) {
    throw new UserError(`Cannot write ${shown}: ${(cause as Error).message}`, {
      cause,
      exitCode: 2,
    });
  }
}

// Also where a link leads to nothing yet, and through links to folders, so that one file has one name.
async function followLink(path: string): Promise<string> {
  const folder = dirname(path);
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') return path;
    const target = await readlink(path).catch(() => undefined);
    if (target !== undefined) return followLink(resolve(folder, target));
    return join(await realpath(folder).catch(() => folder), basename(path));
  }
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(cause) ?? '')) return undefined;
    throw new UserError(`Cannot write ${path}: ${(cause as Error).message}`, {
      cause,
      exitCode: 2,
    });
  }
}

async function freePath(path: string): Promise<string> {
  const [stem = '', ending = ''] = splitEnding(path);
  for (let n = 1; ; n += 1) {
    const candidate = n === 1 ? path : `${stem}-${n}${ending}`;
    if ((await statIfThere(candidate)) === undefined) return candidate;
  }
}

function splitEnding(path: string): [stem: string, ending: string] {
  const name = basename(path);
  const dot = name.indexOf('.', 1);
  const cut = dot === -1 ? path.length : path.length - name.length + dot;
  return [path.slice(0, cut), path.slice(cut)];
}

function temporaryName(path: string): string {
  const unique = `${process.pid}-${randomBytes(6).toString('hex')}`;
  return join(dirname(path), `.${basename(path)}.${unique}.tmp`);
}

// A process that was killed while it wrote could not clean up; it may have left gigabytes.
async function removeLeftDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `.${basename(path)}.`;
  for (const name of await readdir(folder)) {
    const [, pid] =
      (name.startsWith(start) && /^(\d+)-[0-9a-f]{12}\.tmp$/.exec(name.slice(start.length))) || [];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/**
 * Writes a stream of text and bytes to an output. A file appears whole or not at all: it is written
 * beside its place, mode 0600, synced, and moved there.
 *
 * @returns the path written, or undefined for standard output, which may have been closed meanwhile
 * @throws what the disk or the source throws; nothing is left behind then
 */
export async function writeOutput(output: Output, chunks: Chunks): Promise<string | undefined> {
  if (output.kind === 'stdout') {
    await writeToStdout(chunks);
    return undefined;
  }
  const draft = temporaryName(output.path);
  await removeLeftDrafts(output.path).catch(() => {});
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      for await (const block of inBlocks(chunks)) await file.writeFile(block);
      await file.sync();
    } finally {
      await file.close();
    }
    return await moveInPlace(draft, output);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

// Renderers yield small pieces; a write each would take longer than the rendering.
async function* inBlocks(chunks: Chunks): AsyncIterable<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    const block = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    waiting.push(block);
    bytes += block.length;
    if (bytes < blockBytes) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

const blockBytes = 256 * 1024;

// Another program may have taken the free name meanwhile; a hard link fails where a rename would
// overwrite.
async function moveInPlace(
  draft: string,
  output: Extract<Output, { kind: 'file' }>,
): Promise<string> {
  if (output.replace) {
    await rename(draft, output.path);
    return output.path;
  }
  for (let path = output.path; ; path = await freePath(path)) {
    try {
      await link(draft, path);
      await unlink(draft);
      return path;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      // File systems without hard links.
      if (errorCode(error) !== 'EPERM' && errorCode(error) !== 'ENOTSUP') throw error;
      await rename(draft, path);
      return path;
    }
  }
}

function writeToStdout(chunks: Chunks): Promise<void> {
  return writeEachToStdout(inBlocks(chunks));
}

/** Writes chunks to standard output, each when it comes; ends early when nobody reads any more. */
export async function writeEachToStdout(chunks: Chunks): Promise<void> {
  const { stdout } = process;
  for await (const block of chunks) {
    const error = await new Promise<unknown>((resolve) => stdout.write(block, resolve));
    // `pmproxy save -o - | head -1`: the reader has had enough.
    if (errorCode(error) === 'EPIPE') return;
    if (error) throw error;
  }
}

/**
 * Stores bytes that have no place in the format in the folder `<output>.files`.
 *
 * @returns the path as the output names it, relative to the output's folder
 */
export function attachTo(
  output: Output,
): ((name: string, bytes: Uint8Array) => Promise<string>) | undefined {
  if (output.kind === 'stdout') return undefined;
  const stem = output.path.replace(/(?:(?:\.postman_collection)?\.json|\.sh|\.http)$/, '');
  const folder = `${stem}.files`;
  return async (name, bytes) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, name), bytes, { mode: 0o600 });
    return `${basename(folder)}/${name}`;
  };
}
