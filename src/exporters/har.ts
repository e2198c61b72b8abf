import type { HarEntry, HarPage } from '../har/types.ts';
import { parseTarget } from '../http/target.ts';
import { version } from '../version.ts';
import type { Exporter, GivenOptions, Source } from './exporter.ts';

/**
 * HTTP Archive 1.2, as browsers, Playwright and importers read it: one line per entry, one page per host. Pages come
 * last, when all of them are known.
 */
export const har: Exporter = {
  id: 'har',
  endings: ['.har'],
  about: 'HAR 1.2, for the network panels of browsers and for Playwright',
  reads: 'exchanges',
  render,
};

async function* render(source: Source, options: GivenOptions): AsyncGenerator<string> {
  const { entriesOf } = await import('./entries.ts');
  const pages = new Map<string, HarPage>();
  const creator = { name: 'pmproxy', version };
  yield `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"entries":[`;
  let separator = '\n';
  for await (const entry of entriesOf(source, options)) {
    const pageref = pageOf(entry, pages);
    yield `${separator}${JSON.stringify({ pageref, ...entry })}`;
    separator = ',\n';
  }
  const lines = [...pages.values()].map((page) => `\n${JSON.stringify(page)}`);
  yield `\n],"pages":[${lines.join(',')}\n]}}\n`;
}

/** Importers that turn pages into folders require a page for every entry. */
function pageOf({ request, startedDateTime }: HarEntry, pages: Map<string, HarPage>): string {
  const { host, port } = parseTarget(request.url);
  const id = `${host.toLowerCase()}${port === undefined ? '' : `:${port}`}`;
  if (!pages.has(id)) pages.set(id, { startedDateTime, id, title: id, pageTimings: {} });
  return id;
}
