import { usageError } from '../errors.ts';
import { curl } from './curl/index.ts';
import type { Exporter } from './exporter.ts';
import { har } from './har.ts';
import { http } from './http-file/index.ts';
import { ndjson } from './ndjson.ts';
import { openapi } from './openapi/index.ts';
import { postmanV1 } from './postman-v1/index.ts';
import { postmanV20 } from './postman-v2.0/index.ts';
import { postman } from './postman-v2.1/index.ts';

export type { Exporter, ExportOptions, GivenOptions } from './exporter.ts';

/** Every format that can be written, by id. The choices of `--format` and the endings come from here alone. */
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

/**
 * Finds the exporter for an output.
 *
 * @param path the output's path; its ending chooses where no format is named, the longest that fits
 * @param formatId a key of `exporters`
 * @throws a usage error that lists what there is, for an unknown id and for an ending that nobody writes
 */
export function exporterFor(path: string, formatId?: string): Exporter {
  if (formatId !== undefined) {
    const exporter = Object.entries(exporters).find(([id]) => id === formatId)?.[1];
    if (exporter !== undefined) return exporter;
    throw usageError(`There is no format "${formatId}".`, `Choose one of: ${formatIds()}`);
  }
  const found = byEnding(path.toLowerCase());
  if (found !== undefined) return found;
  throw usageError(
    `The ending of "${path}" tells no format.`,
    `Use one of ${allEndings()} or name the format: --format ${Object.keys(exporters)[0]}`,
  );
}

function byEnding(path: string): Exporter | undefined {
  const fitting = Object.values(exporters).flatMap((exporter) =>
    exporter.endings
      .filter((ending) => path.endsWith(ending))
      .map((ending) => ({ exporter, ending })),
  );
  return fitting.sort((a, b) => b.ending.length - a.ending.length)[0]?.exporter;
}

function formatIds(): string {
  return Object.keys(exporters).join(', ');
}

function allEndings(): string {
  return Object.values(exporters)
    .flatMap(({ endings }) => endings)
    .join(', ');
}
