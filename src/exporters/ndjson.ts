import { entriesOf } from './entries.ts';
import type { Exporter, GivenOptions, Source } from './exporter.ts';

/** A HAR entry for each exchange, each on a line of its own: for programs that read while there is more to come. */
export const ndjson: Exporter = {
  id: 'ndjson',
  endings: ['.ndjson'],
  about: 'one HAR entry per line, also during the recording',
  live: true,
  reads: 'exchanges',
  render,
};

async function* render(source: Source, options: GivenOptions): AsyncGenerator<string> {
  for await (const entry of entriesOf(source, options)) yield `${JSON.stringify(entry)}\n`;
}
