import { stat } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { withoutNoise } from '../collection/noise.ts';
import { usageError } from '../errors.ts';
import type { Recording } from '../exchange.ts';
import { cookieJar } from '../exporters/cookie-jar.ts';
import { type Exporter, exporterFor, exporters, type GivenOptions } from '../exporters/index.ts';
import type { RecordedOptions } from '../options/recorded.ts';
import type { WrittenOptions } from '../options/written.ts';
import type { WrittenFile } from '../terminal/summary.ts';
import { attachTo, defaultOutput, explicitOutput, type Output, writeOutput } from './output.ts';
import { writeEnvironment } from './secret-environment.ts';

/** The ids that `--format` takes, the usual one first. */
export const formatIds = Object.keys(exporters) as [string, ...string[]];

/** One rendering that was asked for: where to, and in which format. */
export type Rendering = {
  readonly output: Output;
  readonly exporter: Exporter;
  readonly name: string;
};

/** What a command line says of what is written. */
export type RenderOptions = WrittenOptions<string> &
  Pick<RecordedOptions, 'restrictedHeaders' | 'secrets' | 'redact'>;

/**
 * Decides what will be written and checks that it can be, before there is anything to lose.
 *
 * @throws UserError (exit code 2) for a place that cannot be written or a format that is not known
 */
export async function planRenderings(options: WrittenOptions<string>): Promise<Rendering[]> {
  const renderings =
    options.output.length === 0
      ? [await defaultRendering(options)]
      : await Promise.all(options.output.map((path) => explicitRendering(path, options)));
  const given = options.output.map((path) => `-o ${path}`);
  if (options.cookieJar !== undefined) {
    const output = await explicitOutput(options.cookieJar);
    renderings.push({ output, exporter: cookieJar, name: renderings[0]?.name ?? 'pmproxy' });
    given.push(`--cookie-jar ${options.cookieJar}`);
  }
  const places = renderings.map(({ output }) => (output.kind === 'file' ? output.path : '-'));
  const twice = places.findIndex((place, at) => places.indexOf(place) !== at);
  if (twice !== -1) {
    const named = given.at(twice - places.length);
    throw usageError(`${named} is given twice; each output needs its own file.`);
  }
  return renderings;
}

async function defaultRendering(options: WrittenOptions<string>): Promise<Rendering> {
  const name = options.name ?? 'pmproxy';
  const output = await defaultOutput(options.path, fileName(name));
  return { output, exporter: exporterFor('', options.format ?? 'postman'), name };
}

async function explicitRendering(
  path: string,
  options: WrittenOptions<string>,
): Promise<Rendering> {
  const format = options.format ?? (path === '-' ? 'postman' : undefined);
  const exporter = exporterFor(path, format);
  const output = await explicitOutput(path);
  return { output, exporter, name: options.name ?? nameOf(output) };
}

// A name may hold anything; a file name may not.
function fileName(name: string): string {
  return name.replace(/[/\\:*?"<>|\p{Cc}]/gu, '-').replace(/^\.+/, '') || 'pmproxy';
}

function nameOf(output: Output): string {
  if (output.kind === 'stdout') return 'pmproxy';
  return basename(output.path)
    .replace(/\.[^.]+$/, '')
    .replace(/\.(?:postman_collection|openapi)$/, '');
}

/** What came of rendering, as it is told to the person. */
export type Rendered = {
  readonly files: readonly WrittenFile[];
  /** Kinds of noise that were left out, with how many exchanges each. */
  readonly noise: ReadonlyMap<string, number>;
  /** How many secret values variables stand for, in the output with the most. */
  readonly replaced: number;
};

/**
 * Renders a recording to every output.
 *
 * @throws what the disk throws; files that were complete by then stay
 */
export async function render(
  recording: Recording,
  renderings: readonly Rendering[],
  options: RenderOptions,
): Promise<Rendered> {
  const quiet = options.noise ? undefined : await withoutNoise(recording);
  const rendered = await renderAll(quiet?.recording ?? recording, renderings, options);
  return { ...rendered, noise: quiet?.left ?? new Map() };
}

async function renderAll(
  recording: Recording,
  renderings: readonly Rendering[],
  options: RenderOptions,
): Promise<Pick<Rendered, 'files' | 'replaced'>> {
  const files: WrittenFile[] = [];
  let replaced = 0;
  for (const rendering of renderings) {
    const { output, exporter, name } = rendering;
    const secrets = new Map<string, string>();
    const attach = attachTo(output);
    const chunks = exporter.render(recording, {
      ...exportOptions(name, options),
      ...(output.kind === 'file' && { path: output.path }),
      ...(attach && { attach }),
      onSecret: (variable, value) => secrets.set(variable, value),
    });
    const path = await writeOutput(output, chunks);
    replaced = Math.max(replaced, secrets.size);
    if (path === undefined) continue;
    files.push(await written(path, exporter.id));
    const environment = await secretsBeside(path, rendering, options.secrets, secrets);
    if (environment !== undefined) files.push(await written(environment, 'environment'));
  }
  return { files, replaced };
}

/**
 * Writes the variables that stand for secrets: with their values, or without for those to be filled in by whom Postman's
 * programs are told of.
 */
async function secretsBeside(
  output: string,
  { exporter: { id, environment }, name }: Rendering,
  mode: RenderOptions['secrets'],
  secrets: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const blank = mode === 'redact';
  if (secrets.size === 0 || (blank && !id.startsWith('postman'))) return undefined;
  if (environment === undefined) return writeEnvironment({ output, name, secrets, blank });
  const path = `${output.replace(/\.(?:sh|http)$/, '')}${environment.ending}`;
  await writeOutput({ kind: 'file', path, replace: true }, [environment.write(secrets)]);
  return path;
}

/** What a command line says to an exporter. */
export function exportOptions(name: string, options: RenderOptions): GivenOptions {
  const { restrictedHeaders, secrets, redact, dedupe, variables } = options;
  const { group, shape, template: templates, tests } = options;
  const recorded = { restrictedHeaders, secrets, redact };
  const items = { dedupe, group, shape, templates, tests, sharedAuth: true };
  return { name, ...recorded, ...items, variables };
}

async function written(path: string, format: string): Promise<WrittenFile> {
  const shown = relative(process.cwd(), path);
  const { size } = await stat(path);
  return { path: shown.startsWith('..') ? path : shown, format, bytes: size };
}

const pauseMs = 50;

/** The same recording, whose reading throws the signal's reason soon after it is aborted. */
export function interruptible(recording: Recording, signal: AbortSignal): Recording {
  return {
    size: recording.size,
    async *read(places) {
      let pausedAt = performance.now();
      for await (const exchange of recording.read(places)) {
        // Rendering waits for nothing, so that without a pause no signal would get through.
        if (performance.now() - pausedAt > pauseMs) {
          await setImmediate();
          pausedAt = performance.now();
        }
        signal.throwIfAborted();
        yield exchange;
      }
    },
  };
}
