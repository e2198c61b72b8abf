import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Analysis, analyse } from '../analysis/analysis.ts';
import { collectionDefaults } from '../analysis/options.ts';
import { recordingOf } from '../document/exchanges.ts';
import { mergedCollection } from '../document/merge.ts';
import { withUnknownFieldsTold } from '../document/unknown-fields.ts';
import { withoutSockets } from '../document/without-sockets.ts';
import { describeError, errorCode, UserError } from '../errors.ts';
import type { Recording } from '../exchange.ts';
import { type GivenOptions, type Loss, type Source, withoutEnding } from '../exporters/index.ts';
import { asCollection } from '../exporters/source.ts';
import { withCalls } from '../grpc/described-calls.ts';
import type { WrittenFile } from '../terminal/summary.ts';
import { appendToFile } from './appended-file.ts';
import type { DocumentSource } from './document.ts';
import { exportOptions, type RenderOptions } from './export-options.ts';
import { addToFolder, readFolder, writeFolder } from './folder.ts';
import { attachTo, writeOutput } from './output.ts';
import { type FolderRendering, isFolderRendering, type Rendering } from './plan.ts';
import { writeEnvironment } from './secret-environment.ts';

/** The result of rendering, as shown to the user. */
export type Rendered = {
  readonly files: readonly WrittenFile[];
  /** The omitted exchanges by kind of noise. */
  readonly noise: ReadonlyMap<string, number>;
  /** The number of secret values replaced by variables, in the output with the most. */
  readonly replaced: number;
};

/**
 * Renders a recording to every output.
 *
 * @throws UserError if an output cannot be written; files completed earlier stay
 */
export async function render(
  sources: Sources,
  renderings: readonly Rendering[],
  options: RenderOptions,
): Promise<Rendered> {
  const { document, recording } = sources;
  const analysis =
    recording && (await analysed(withCalls(recording, options.messageTypes), renderings, options));
  const told = { ...(document && { document }), ...(analysis && { recording: analysis }) };
  const rendered = await renderAll(told, renderings, options);
  return { ...rendered, noise: analysis?.noise ?? new Map() };
}

/** Shares one analysis among all outputs. */
function analysed(
  recording: Recording,
  renderings: readonly Rendering[],
  options: RenderOptions,
): Promise<Analysis> {
  const { secrets, redact, noise } = options;
  const surveys = renderings
    .filter(({ exporter }) => exporter.reads !== 'exchanges')
    .map(({ exporter, name }) => ({
      ...collectionDefaults,
      ...exportOptions(name, options),
      ...exporter.asks,
    }));
  return analyse(recording, { secrets, redact, withoutNoise: !noise, surveys });
}

/** The sources of an output; at least one is present. */
export type Sources = { readonly recording?: Recording; readonly document?: DocumentSource };

/** Chooses the source of an output. */
function sourceFor(
  { recording, document }: Sources,
  rendering: Rendering,
  options: GivenOptions,
): Source {
  if (document === undefined) return recording ?? NOTHING;
  if (recording === undefined) return document.collection;
  const { exporter, name } = rendering;
  if (exporter.reads === 'exchanges') {
    const replayed = recordingOf(document.collection, document.environment);
    return {
      ...recording,
      async *read() {
        yield* recording.read();
        yield* replayed.read();
      },
    };
  }
  const recorded = asCollection(recording, { ...options, ...exporter.asks });
  return mergedCollection([document.collection, recorded], name, () => {});
}

/** Reports WebSockets as lost if the format has no items for them, and unknown fields, unless the format is of the same family. */
function withLossesTold(
  sources: Sources,
  { exporter }: Rendering,
  { onLoss = () => {} }: GivenOptions,
): Sources {
  const { document } = sources;
  if (document === undefined) return sources;
  const held = exporter.sockets ? document.collection : withoutSockets(document.collection, onLoss);
  const collection = withUnknownFieldsTold(held, exporter.family, onLoss);
  return { ...sources, document: { ...document, collection } };
}

const NOTHING: Recording = { size: 0, async *read() {} };

async function renderAll(
  sources: Sources,
  renderings: readonly Rendering[],
  options: RenderOptions,
): Promise<Pick<Rendered, 'files' | 'replaced'>> {
  const files: WrittenFile[] = [];
  let replaced = 0;
  for (const rendering of renderings) {
    const { output, exporter, name, append } = rendering;
    const secrets = new Map<string, string>();
    const attach = attachTo(output);
    const given = {
      ...exportOptions(name, options),
      // The existing collection's auth is meant for its own requests only.
      ...(append ? { sharedAuth: false } : {}),
      ...(attach && { attach }),
      ...(output.kind !== 'stdout' && { path: output.path }),
      onSecret: (variable: string, value: string) => secrets.set(variable, value),
      ...(sources.document && { environment: sources.document.environment }),
      onLoss: (loss: Loss) => options.onLoss?.(exporter.id, loss),
    };
    const source = sourceFor(withLossesTold(sources, rendering, given), rendering, given);
    const written = await renderOne(source, rendering, given, options.hurry).catch((error) => {
      throw cannotWrite(output, error);
    });
    for (const [variable, value] of sources.document?.secrets ?? []) secrets.set(variable, value);
    replaced = Math.max(replaced, secrets.size);
    if (written === undefined) continue;
    files.push({ ...toldFile(written, exporter.id), ...runnerOf(exporter) });
    const environment = await secretsBeside(written.path, rendering, options.secrets, secrets);
    if (environment !== undefined) {
      const { size: bytes } = await stat(environment);
      files.push(toldFile({ path: environment, bytes }, 'environment'));
    }
  }
  return { files, replaced };
}

// File system errors have a code; any other error without one is a bug and keeps its stack.
function cannotWrite(output: Rendering['output'], cause: unknown): unknown {
  if (cause instanceof UserError || errorCode(cause) === undefined) return cause;
  const shown = output.kind === 'stdout' ? 'standard output' : shortest(output.path);
  return new UserError(`Cannot write ${shown}: ${describeError(cause)}`, { cause });
}

function runnerOf({ runner }: Rendering['exporter']): Pick<WrittenFile, 'runner'> {
  return runner === undefined ? {} : { runner };
}

function toldFile({ path, bytes }: Written, format: string): WrittenFile {
  return { path: shortest(path), format, bytes };
}

function shortest(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}

/** Writes the variables of secrets: with their values, or without for users of Postman's programs to fill in. */
async function secretsBeside(
  output: string,
  { exporter, name, append }: Rendering,
  mode: RenderOptions['secrets'],
  secrets: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const blank = mode === 'redact';
  if (secrets.size === 0 || (blank && !exporter.asksForEnvironment)) return undefined;
  const environment = 'render' in exporter ? exporter.environment : undefined;
  if (environment === undefined) return writeEnvironment({ output, name, secrets, blank, append });
  const path = `${withoutEnding(output)}${environment.ending}`;
  await writeOutput({ kind: 'file', path, replace: true }, [environment.write(secrets)]);
  return path;
}

type Written = { readonly path: string; readonly bytes: number };

async function renderOne(
  source: Source,
  rendering: Rendering,
  options: GivenOptions,
  hurry: AbortSignal | undefined,
): Promise<Written | undefined> {
  if (isFolderRendering(rendering)) return renderFolder(source, rendering, options);
  const { output, exporter, append } = rendering;
  const path =
    append && output.kind === 'file' && exporter.append
      ? await appendToFile(output, source, { ...exporter, append: exporter.append }, options)
      : await writeOutput(output, exporter.render(source, options), hurry);
  return path === undefined ? undefined : { path, bytes: (await stat(path)).size };
}

async function renderFolder(
  source: Source,
  { output, exporter, append }: FolderRendering,
  options: GivenOptions,
): Promise<Written> {
  if (!append || exporter.append === undefined) {
    return writeFolder(output, exporter.renderFiles(source, options));
  }
  const existing = await readFolder(output.path, exporter.append.endings);
  return addToFolder(output, exporter.append.files(existing, source, options));
}

const pauseMs = 50;

/** The same recording; reading it throws the signal's reason soon after the abort. */
export function interruptible(recording: Recording, signal: AbortSignal): Recording {
  return {
    size: recording.size,
    async *read(places) {
      let pausedAt = performance.now();
      for await (const exchange of recording.read(places)) {
        // Rendering never waits, so without a pause no signal would be handled.
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
