import { entriesOf } from './entries.ts';
import type { Exporter, GivenOptions, Source } from './exporter.ts';

/** A HAR entry for each exchange, each on a line of its own: for programs that read while there is more to come. */
export const ndjson: Exporter = {
  id: 'ndjson',
  endings: ['.ndjson'],
  about: 'an entry of HAR on each line, also while it is recorded',
  live: true,
  reads: 'exchanges',
  render,
};

async function* render(source: Source, options: GivenOptions): AsyncGenerator<string> {
  for await (const entry of entriesOf(source, options)) yield `${JSON.stringify(entry)}\n`;
}
