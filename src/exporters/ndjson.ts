import type { Exporter, GivenOptions, Source } from './exporter.ts';

/** Writes one HAR entry per line, for programs that read while recording continues. */
export const ndjson: Exporter = {
  id: 'ndjson',
  endings: ['.ndjson'],
  about: 'one HAR entry per line, also during the recording',
  live: true,
  reads: 'exchanges',
  render,
};

async function* render(source: Source, options: GivenOptions): AsyncGenerator<string> {
  const { entriesOf } = await import('./entries.ts');
  for await (const entry of entriesOf(source, options)) yield `${JSON.stringify(entry)}\n`;
}
