import { usageError } from '../errors.ts';
import { curl } from './curl/index.ts';
import type { Exporter, FolderExporter } from './exporter.ts';
import { har } from './har.ts';
import { http } from './http-file/index.ts';
import { ndjson } from './ndjson.ts';
import { openapi } from './openapi/index.ts';
import { postmanV1 } from './postman-v1/index.ts';
import { postmanV20 } from './postman-v2.0/index.ts';
import { postman } from './postman-v2.1/index.ts';
import { postmanV3 } from './postman-v3/index.ts';

export type { Loss } from '../document/losses.ts';
export type {
  Exporter,
  ExportOptions,
  FolderExporter,
  GivenOptions,
  RenderedFile,
  Source,
} from './exporter.ts';

/** Single-file formats by id. */
export const exporters = {
  postman,
  'postman-v2.0': postmanV20,
  'postman-v1': postmanV1,
  har,
  ndjson,
  curl,
  http,
  openapi,
} as const satisfies Readonly<Record<string, Exporter>>;

/** Folder formats by id. */
export const folderExporters = {
  'postman-v3': postmanV3,
} as const satisfies Readonly<Record<string, FolderExporter>>;

/**
 * Every output format, the default first. An entry holds all that is special about its format; add new formats here. The
 * choices of `--format` and the endings come from here alone. */
export const formats: Readonly<Record<string, Exporter | FolderExporter>> = {
  ...exporters,
  ...folderExporters,
};

/** The ids that `--format` accepts, the default first. */
export const formatIds = Object.keys(formats) as [string, ...string[]];

/** The file endings that select a format. */
const endings: readonly string[] = Object.values(exporters).flatMap((format) => format.endings);

/**
 * Finds the format for an output.
 *
 * @param path the output's path; its longest matching ending selects the format if none is named
 * @param formatId one of `formatIds`
 * @throws a usage error that lists the choices, for an unknown id or ending
 */
export function formatFor(path: string, formatId?: string): Exporter | FolderExporter {
  if (formatId !== undefined) {
    const found = Object.entries(formats).find(([id]) => id === formatId)?.[1];
    if (found !== undefined) return found;
    throw usageError(`Unknown format "${formatId}".`, `Choose one of: ${formatIds.join(', ')}`);
  }
  const found = byEnding(path.toLowerCase());
  if (found !== undefined) return found;
  throw usageError(
    `Cannot infer a format from "${path}".`,
    `Use one of ${endings.join(', ')}, / for a folder, or name the format: --format ${formatIds[0]}`,
  );
}

/**
 * Finds the exporter for one file or stream.
 *
 * @throws a usage error as `formatFor` does, and for a format that is a folder
 */
export function exporterFor(path: string, formatId?: string): Exporter {
  const format = formatFor(path, formatId);
  if ('render' in format) return format;
  throw usageError(
    `${format.id} is a folder, not one file.`,
    'Give its path with a slash at the end: -o traffic/',
  );
}

function byEnding(path: string): Exporter | FolderExporter | undefined {
  const fitting = Object.values(formats).flatMap((format) =>
    format.endings.filter((ending) => path.endsWith(ending)).map((ending) => ({ format, ending })),
  );
  return fitting.sort((a, b) => b.ending.length - a.ending.length)[0]?.format;
}

/** Removes the longest matching format ending from a file's name or path. */
export function withoutEnding(path: string): string {
  const known = Object.values(exporters).flatMap(({ endings, usualEnding }: Exporter) =>
    usualEnding === undefined ? endings : [...endings, usualEnding],
  );
  const fitting = known.filter((ending) => path.endsWith(ending));
  const [longest = ''] = fitting.sort((a, b) => b.length - a.length);
  return path.slice(0, path.length - longest.length);
}
