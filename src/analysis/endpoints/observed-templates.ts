import { singular } from '../correlation/identifying.ts';
import { alikeWords } from './alike-words.ts';
import {
  type PathTemplate,
  parameterName,
  pathTemplate,
  type StatedTemplate,
  segmentsOf,
  writeTemplate,
} from './path-templates.ts';
import { kindOfSegment } from './segment-kinds.ts';

/** A path that was requested. */
export type ObservedPath = {
  /** Without host and query, undecoded. */
  readonly path: string;
  /**
   * The look of the response: equal for responses of one kind, different for different kinds. Absent if it
   * means little, such as without a body.
   */
  readonly shape?: string | undefined;
};

type SplitPath = { readonly segments: readonly string[]; readonly observed: ObservedPath };

/** The decisions about the segments before a place, the last first. */
type Trail = Decision & { readonly before: Trail | undefined };

type Decision = { readonly literal: string } | { readonly kind: string };

/** The paths that agree up to a depth. */
type Place = {
  readonly paths: readonly SplitPath[];
  readonly depth: number;
  readonly trail: Trail | undefined;
};

/**
 * Finds the templates behind the paths of one host. Together they reveal more than each path alone: a segment is also a
 * parameter if it is one of several words in one place whose responses look alike, and the parameter
 * in one place has one name. The time grows with the total length of all paths.
 *
 * @param stated templates that take precedence; the first match is used
 * @returns the template for each path; equal templates share one object
 */
export function observedTemplates(
  observed: Iterable<ObservedPath>,
  stated: readonly StatedTemplate[] = [],
): ReadonlyMap<string, PathTemplate> {
  const templates = new Map<string, PathTemplate>();
  const paths = [...observed].map((one) => ({ segments: segmentsOf(one.path), observed: one }));
  const open: Place[] = [{ paths, depth: 0, trail: undefined }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { depth, trail } = place;
    let template: PathTemplate | undefined;
    for (const { segments, observed: one } of place.paths) {
      if (segments.length !== depth || templates.has(one.path)) continue;
      // All paths that end here share the same decisions.
      template ??= templateAlong(one.path, trail);
      templates.set(one.path, statedTemplate(one.path, stated) ?? template);
    }
    // Not spread as arguments: their number is limited, and a host may have any number of paths.
    for (const next of placesAfter(place)) open.push(next);
  }
  return templates;
}

function statedTemplate(path: string, stated: readonly StatedTemplate[]): PathTemplate | undefined {
  if (stated.length === 0) return undefined;
  const template = pathTemplate(path, stated);
  return template.parameters.some(({ kind }) => kind === 'a value') ? template : undefined;
}

function templateAlong(path: string, trail: Trail | undefined): PathTemplate {
  const kinds: (string | undefined)[] = [];
  for (let step = trail; step !== undefined; step = step.before) {
    kinds.push('kind' in step ? step.kind : undefined);
  }
  kinds.reverse();
  return writeTemplate(path, (index, owner) => {
    const kind = kinds[index];
    return kind === undefined ? undefined : { name: parameterName(owner, kind), kind };
  });
}

function placesAfter({ paths, depth, trail }: Place): Place[] {
  const bySegment = groupBySegment(paths, depth);
  const parameters = depth === 0 ? new Map() : parametersAmong(bySegment, depth, trail);
  const next = (decision: Decision, those: readonly SplitPath[]): Place => ({
    paths: those,
    depth: depth + 1,
    trail: { ...decision, before: trail },
  });
  const places = [...bySegment]
    .filter(([segment]) => !parameters.has(segment))
    .map(([literal, those]) => next({ literal }, those));
  if (parameters.size === 0) return places;
  const those = [...parameters.keys()].flatMap((segment) => bySegment.get(segment) ?? []);
  const kinds = new Set<string>(parameters.values());
  const [kind = ''] = kinds;
  return [...places, next({ kind: kinds.size === 1 ? kind : 'an id' }, those)];
}

function groupBySegment(paths: readonly SplitPath[], depth: number): Map<string, SplitPath[]> {
  const groups = new Map<string, SplitPath[]>();
  for (const path of paths) {
    const segment = path.segments[depth];
    if (segment === undefined) continue;
    const group = groups.get(segment);
    if (group === undefined) groups.set(segment, [path]);
    else group.push(path);
  }
  return groups;
}

function parametersAmong(
  bySegment: ReadonlyMap<string, readonly SplitPath[]>,
  depth: number,
  trail: Trail | undefined,
): Map<string, string> {
  const before = trail !== undefined && 'literal' in trail ? trail.literal : undefined;
  const parameters = new Map<string, string>();
  for (const segment of bySegment.keys()) {
    const kind = kindOfSegment(segment, before);
    if (kind !== undefined) parameters.set(segment, kind);
  }
  if (before === undefined || !isPlural(before)) return parameters;
  for (const word of alikeWords(bySegment, parameters, depth)) parameters.set(word, 'a name');
  return parameters;
}

function isPlural(segment: string): boolean {
  const last = segment.split(/[^A-Za-z0-9]+/).at(-1) ?? '';
  return singular(last) !== last;
}
