import type { Link } from '../correlation/chains.ts';
import { endpointFacts } from '../endpoints/facts.ts';
import { observedTemplates } from '../endpoints/observed-templates.ts';
import {
  type PathTemplate,
  pathTemplate,
  type StatedTemplate,
} from '../endpoints/path-templates.ts';
import { groupedOrder, groupRequests } from '../naming/grouping.ts';
import { requestName } from '../naming/names.ts';
import type { Kind } from './kinds.ts';
import type { Survey, SurveyedRequest, SurveyOptions } from './survey.ts';
import type { Gathered } from './surveyor.ts';

/** The exchanges that are written as one item. */
type Written = {
  readonly name: string;
  readonly origin: string;
  /** The path as a template. */
  readonly path: string;
  readonly endpoint: ReturnType<typeof endpointFacts> | undefined;
};

/** Combines the facts: which requests are written, in which order, in which folders. */
export function surveyedRequests(
  gathered: Gathered,
  options: SurveyOptions,
): Omit<Survey, 'upgraded'> {
  const { seen, links } = gathered;
  const { written, writtenOf } = writtenKinds(gathered.kinds, options);
  const sources = new Set([...links.values()].flat().map(({ from }) => from.place));
  const calls = callsOf(
    toldOf(gathered, sources, options),
    writtenOf,
    options.shape === 'endpoints' ? new Set() : sources,
  );
  if (options.shape === 'endpoints') for (const { places } of calls) bestFirst(places, seen);
  const requestAt = links.size === 0 ? NOWHERE : firstPlaces(calls);
  const requests = calls.map(({ kind, places }): SurveyedRequest => {
    const { name = '', endpoint } = written[kind] ?? {};
    const [first = 0] = places;
    const request = {
      count: places.length,
      redirected: places.some((place) => seen[place]?.redirected),
      withoutCookies: seen[first]?.withoutCookies ?? false,
      name,
      links: resolved(links.get(first), requestAt),
      auth: gathered.auths[seen[first]?.auth ?? -1],
    };
    return endpoint === undefined ? request : { ...request, endpoint: endpoint.facts() };
  });
  const grouped = groupRequests(
    calls.map(({ kind }) => placeOf(written[kind])),
    groupingOf(options),
  );
  const order: number[] = [];
  const requestOf: number[] = [];
  for (const index of groupedOrder(grouped)) {
    for (const place of calls[index]?.places ?? []) {
      order.push(place);
      requestOf.push(index);
    }
  }
  return {
    order,
    requestOf,
    requests,
    grouped,
    origins: new Set(calls.map(({ kind }) => written[kind]?.origin ?? '')),
  };
}

/** Where scripts pass values on, the order matters: automatic folders then only group neighbours. */
function groupingOf({ group: grouping = 'none', tests = false }: SurveyOptions) {
  return { grouping, inOrder: tests && grouping === 'auto' };
}

function placeOf(written: Written | undefined): { host: string; path: string } {
  const { origin = '', path = '' } = written ?? {};
  return { host: origin.slice(origin.indexOf('://') + 3), path };
}

/** Names the kinds by their templates, and merges those of one endpoint. */
function writtenKinds(kinds: readonly Kind[], { shape, templates: stated }: SurveyOptions) {
  const templateOf = templatesOf(kinds, stated);
  const written: Written[] = [];
  const known = new Map<string, number>();
  const writtenOf = kinds.map((kind): number => {
    const { method, origin, path, called, query } = kind;
    const template = templateOf(kind);
    const key = `${method} ${origin}${template.path} ${called ?? ''}`;
    const index = known.get(key) ?? written.length;
    const one = written[index] ?? {
      name: requestName(method, template.path, called),
      origin,
      path: template.path,
      endpoint: shape === 'endpoints' ? endpointFacts() : undefined,
    };
    // Requests of one name are kept apart, calls to one endpoint are not.
    if (shape !== 'endpoints' || index === written.length) written.push(one);
    known.set(key, index);
    one.endpoint?.see(template, path, query);
    return shape === 'endpoints' ? index : written.length - 1;
  });
  return { written, writtenOf };
}

function templatesOf(
  kinds: readonly Kind[],
  stated: readonly StatedTemplate[] | undefined,
): (kind: Kind) => PathTemplate {
  const byOrigin = new Map<string, Kind[]>();
  for (const kind of kinds) {
    const known = byOrigin.get(kind.origin);
    if (known === undefined) byOrigin.set(kind.origin, [kind]);
    else known.push(kind);
  }
  const templates = new Map(
    [...byOrigin].map(([origin, those]) => {
      const observed = those.map(({ path, look: shape }) => ({ path, shape }));
      return [origin, observedTemplates(observed, stated)];
    }),
  );
  return ({ origin, path }) => templates.get(origin)?.get(path) ?? pathTemplate(path, stated);
}

/** Removes handshakes, unless all requests are wanted or others need a value from the handshake's response. */
function toldOf(
  { order, seen, handshakes }: Gathered,
  sources: ReadonlySet<number>,
  { dedupe, shape, calls }: SurveyOptions,
): Pick<Gathered, 'order' | 'seen'> {
  const isWhole = calls === 'all' || (!dedupe && shape !== 'endpoints');
  if (handshakes.size === 0 || isWhole) return { order, seen };
  return { order: order.filter((place) => !handshakes.has(place) || sources.has(place)), seen };
}

/** Exchanges that form one request; the first of `places` is written. */
type Call = { readonly kind: number; readonly places: number[] };

/**
 * Groups the exchanges of one kind, in the order of the first. An exchange whose response issues values that others need
 * starts a new group, so that a run sends it again at that point.
 */
function callsOf(
  { order, seen }: Pick<Gathered, 'order' | 'seen'>,
  writtenOf: readonly number[],
  sources: ReadonlySet<number>,
): Call[] {
  const calls: Call[] = [];
  const open: Call[] = [];
  for (const place of order) {
    const kind = writtenOf[seen[place]?.kind ?? 0] ?? 0;
    const call = open[kind];
    if (call !== undefined && !sources.has(place)) {
      call.places.push(place);
      continue;
    }
    const made = { kind, places: [place] };
    open[kind] = made;
    calls.push(made);
  }
  return calls;
}

/** A successful call represents the endpoint, if there is one. */
function bestFirst(places: number[], seen: Gathered['seen']): void {
  const best = places.findIndex((place) => seen[place]?.succeeded);
  if (best > 0) places.unshift(...places.splice(best, 1));
}

/** The requests by the positions of the exchanges that are written. */
function firstPlaces(calls: readonly Call[]): ReadonlyMap<number, number> {
  return new Map(calls.map(({ places }, index) => [places[0] ?? 0, index]));
}

const NOWHERE: ReadonlyMap<number, number> = new Map();

/** Links to responses that a run also receives: those of the exchange written for each request. */
function resolved(
  links: readonly Link[] | undefined,
  requestAt: ReadonlyMap<number, number>,
): readonly Link[] {
  if (links === undefined) return NO_LINKS;
  return links.flatMap((link) => {
    const place = requestAt.get(link.from.place);
    return place === undefined ? [] : [{ ...link, from: { ...link.from, place } }];
  });
}

const NO_LINKS: readonly Link[] = [];
