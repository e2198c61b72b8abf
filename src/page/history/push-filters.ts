import type { PushFilters } from '../../sync/wire/page-events.ts';
import type { Filter } from './filter.ts';
import { parseFilterText } from './filter-text.ts';
import { CONTENT_KINDS } from './traits.ts';

const askable: ReadonlySet<string> = new Set(CONTENT_KINDS);

/**
 * Converts the part of a filter that proxies understand into their options. A proxy pushes a URL when one of its patterns
 * matches, while the page requires all of them, so they are combined into one.
 */
export function pushFiltersOf(filter: Filter): PushFilters {
  const { wanted, unwanted } = parseFilterText(filter.text);
  const sources = wanted.map(({ source }) => source);
  if (filter.hosts.size > 0) sources.push(hostSource(filter.hosts));
  const [only] = sources;
  const url = sources.length > 1 ? sources.map((one) => `(?=.*?(?:${one}))`).join('') : only;
  const status = [...filter.results].filter((one) => one !== 'failed');
  const kinds = [...filter.kinds].filter((kind) => askable.has(kind));
  return {
    ...(url !== undefined && { url: [sources.length > 1 ? `/^${url}/i` : `/${url}/i`] }),
    ...(unwanted.length > 0 && { notUrl: unwanted.map(({ source }) => `/${source}/i`) }),
    ...(filter.methods.size > 0 && { methods: [...filter.methods] }),
    ...(status.length > 0 && { status }),
    ...(kinds.length > 0 && { kinds }),
  };
}

/** The parts of a filter that proxies do not understand, for a notice. */
export function viewOnlyWords({ results, kinds, marks, span }: Filter): string[] {
  return [
    ...(results.has('failed') ? ['failed calls'] : []),
    ...(kinds.has('socket') ? ['WebSockets'] : []),
    ...(kinds.has('none') ? ['calls without a body'] : []),
    ...(marks.size > 0 ? ['the comparison with a recording'] : []),
    ...(span ? ['a span of time'] : []),
  ];
}

/** Whether proxies push everything. */
export function asksForAll(filters: PushFilters): boolean {
  return Object.values(filters).every((part) => !Array.isArray(part) || part.length === 0);
}

function hostSource(hosts: ReadonlySet<string>): string {
  const names = [...hosts].map((host) => host.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return `^[a-z]+:\\/\\/(?:${names.join('|')})(?:[\\/?#]|$)`;
}
