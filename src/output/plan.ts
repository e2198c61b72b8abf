import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorCode, UserError, usageError } from '../errors.ts';
import { cookieJar } from '../exporters/cookie-jar.ts';
import {
  type Exporter,
  type FolderExporter,
  formatFor,
  formatIds,
  withoutEnding,
} from '../exporters/index.ts';
import type { WrittenOptions } from '../options/written.ts';
import { statIfThere } from './destinations.ts';
import { defaultFolder, explicitFolder, type FolderOutput } from './folder.ts';
import { defaultOutput, explicitOutput, type Output } from './output.ts';

/** A requested rendering: its destination and format. */
export type Rendering = FileRendering | FolderRendering;

export type FileRendering = Planned & { readonly output: Output; readonly exporter: Exporter };
export type FolderRendering = Planned & {
  readonly output: FolderOutput;
  readonly exporter: FolderExporter;
};

export function isFolderRendering(rendering: Rendering): rendering is FolderRendering {
  return rendering.output.kind === 'folder';
}

type Planned = {
  readonly name: string;
  /** Add to the existing output instead of replacing it. */
  readonly append: boolean;
};

type PlanOptions = Pick<
  WrittenOptions<string>,
  'output' | 'format' | 'name' | 'path' | 'append' | 'cookieJar'
>;

/**
 * Plans the outputs and checks that they can be written, before anything can be lost.
 *
 * @throws UserError (exit code 2) for a path that cannot be written, an unknown format, and appending to something that is
 *   not a collection
 */
export async function planRenderings(options: PlanOptions): Promise<Rendering[]> {
  const renderings =
    options.output.length === 0
      ? [await planDefault(options)]
      : await Promise.all(options.output.map((path) => planExplicit(path, options)));
  const given = options.output.map((path) => `-o ${path}`);
  if (options.cookieJar !== undefined) {
    const output = await explicitOutput(options.cookieJar);
    const name = renderings[0]?.name ?? 'pmproxy';
    renderings.push({ output, exporter: cookieJar, name, append: false });
    given.push(`--cookie-jar ${options.cookieJar}`);
  }
  const places = renderings.map(({ output }) => (output.kind === 'stdout' ? '-' : output.path));
  const twice = places.findIndex((place, at) => places.indexOf(place) !== at);
  if (twice !== -1) {
    const named = given.at(twice - places.length);
    throw usageError(`${named} is given twice; each output needs its own file.`);
  }
  return renderings;
}

async function planDefault(options: PlanOptions): Promise<Rendering> {
  const name = options.name ?? 'pmproxy';
  const exporter = formatFor('', options.format ?? formatIds[0]);
  const isFolder = 'renderFiles' in exporter;
  const fileName = `${safeName(name)}${isFolder ? '' : usualEnding(exporter)}`;
  const path = `${options.path}/${fileName}`;
  // Appends only to the name without a number.
  if (options.append && (await statIfThere(path)) !== undefined) {
    return planExplicit(isFolder ? `${path}/` : path, { ...options, name, format: exporter.id });
  }
  const append = false;
  return isFolder
    ? { exporter, output: await defaultFolder(options.path, fileName), name, append }
    : { exporter, output: await defaultOutput(options.path, fileName), name, append };
}

function usualEnding(exporter: Exporter): string {
  return exporter.usualEnding ?? exporter.endings[0] ?? '';
}

async function planExplicit(path: string, options: PlanOptions): Promise<Rendering> {
  const format = options.format ?? (path === '-' ? formatIds[0] : undefined);
  const exporter = formatFor(path, format);
  if (options.append) assertAppendable(path, exporter);
  if ('render' in exporter) {
    const output = await explicitOutput(path);
    const append = options.append && (await isAppendedTo(output, exporter, path));
    return { exporter, output, name: options.name ?? nameOf(output), append };
  }
  if (path === '-') {
    throw usageError(
      `${exporter.id} is a folder, which cannot go to standard output.`,
      'Try: -o traffic/',
    );
  }
  const output = await explicitFolder(path, exporter, options.append);
  const append = options.append && (await statIfThere(output.path)) !== undefined;
  return { exporter, output, name: options.name ?? basename(output.path), append };
}

function assertAppendable(path: string, exporter: Exporter | FolderExporter): void {
  if (path === '-')
    throw usageError('--append adds to a file, and standard output (-) is not a file.');
  if (exporter.append !== undefined) return;
  const able = formatIds.filter((id) => formatFor('', id).append !== undefined);
  throw usageError(
    `--append cannot add to ${path}: ${exporter.id} does not support that.`,
    `It can add to: ${able.join(', ')}`,
  );
}

/** Whether a collection exists that will be added to. */
async function isAppendedTo(output: Output, exporter: Exporter, shown: string): Promise<boolean> {
  if (output.kind === 'stdout' || exporter.append === undefined) return false;
  try {
    await exporter.append.check(await readFile(output.path, 'utf8'), shown);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    if (!(error instanceof UserError)) throw error;
    throw usageError(error.message, error.hint);
  }
}

// A name may contain characters that a file name may not.
function safeName(name: string): string {
  return name.replace(/[/\\:*?"<>|\p{Cc}]/gu, '-').replace(/^\.+/, '') || 'pmproxy';
}

function nameOf(output: Output): string {
  if (output.kind === 'stdout') return 'pmproxy';
  const name = basename(output.path);
  const stem = withoutEnding(name);
  return stem === name ? name.replace(/\.[^.]+$/, '') : stem;
}
