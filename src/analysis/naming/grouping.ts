/** How requests are grouped into folders: `auto` is by host if there are several, then by path. */
export type Grouping = 'auto' | 'host' | 'path' | 'none';

/** The properties that determine a request's folder. */
export type Groupable = {
  /** `api.example.com:8080`. */
  readonly host: string;
  /** The path as a template: its parameters begin with a colon and do not become folders. */
  readonly path: string;
};

/** A folder's children: folders, and requests by their index. */
type Folder = { readonly name: string; readonly children: readonly Grouped[] };
export type Grouped = Folder | number;

export type GroupingOptions = {
  readonly grouping: Grouping;
  /** Only neighbours share a folder, so that requests keep their order; a folder may then occur again. */
  readonly inOrder: boolean;
};

/** Deeper folders are not useful. */
const DEEPEST = 3;

/**
 * Groups requests into folders, in order of first appearance. No folder has a single child: a prefix shared by
 * all its requests goes into the folder's name (`api/v1`), or is dropped if that would be the only folder.
 *
 * @returns each index of `requests` exactly once
 */
export function groupRequests(
  requests: readonly Groupable[],
  { grouping, inOrder }: GroupingOptions,
): Grouped[] {
  const indices = [...requests.keys()];
  if (grouping === 'none') return indices;
  const segments = new Map<string, readonly string[]>();
  for (const { path } of requests)
    if (!segments.has(path)) segments.set(path, staticSegments(path));
  const hostOf = (index: number) => requests[index]?.host ?? '';
  const segmentsOf = (index: number) => segments.get(requests[index]?.path ?? '') ?? [];
  const byPath = (group: readonly number[], room: number) => [
    ...groupBySegment(group, { segmentsOf, level: 0, room, inOrder }).children,
  ];
  if (grouping === 'path') return byPath(indices, DEEPEST);
  const hosts = partition(indices, hostOf, inOrder);
  const within = (group: readonly number[]) =>
    grouping === 'host' ? group : byPath(group, DEEPEST - 1);
  if (hosts.length <= 1) return grouping === 'host' ? indices : byPath(indices, DEEPEST);
  return hosts.flatMap(({ key, group }): readonly Grouped[] =>
    group.length === 1 ? group : [{ name: key ?? '', children: within(group) }],
  );
}

/** The order in which grouped requests are written. */
export function groupedOrder(grouped: readonly Grouped[]): number[] {
  return grouped.flatMap((child) =>
    typeof child === 'number' ? child : groupedOrder(child.children),
  );
}

function staticSegments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '' && !segment.startsWith(':'));
}

type Level = {
  readonly segmentsOf: (index: number) => readonly string[];
  readonly level: number;
  /** The number of folder levels that are still allowed. */
  readonly room: number;
  readonly inOrder: boolean;
};

/** Children, and the segments that they all share. */
type Branch = { readonly prefix: readonly string[]; readonly children: readonly Grouped[] };

/** Recurses for each level of folders, never for each segment: a path may have 100,000. */
function groupBySegment(group: readonly number[], at: Level): Branch {
  const prefix: string[] = [];
  if (at.room === 0) return { prefix, children: group };
  let { level } = at;
  const partsHere = () => partition(group, (index) => at.segmentsOf(index)[level], at.inOrder);
  let parts = partsHere();
  for (; parts.length === 1 && parts[0]?.key !== undefined; parts = partsHere()) {
    prefix.push(parts[0].key);
    level += 1;
  }
  const children = parts.flatMap((part): readonly Grouped[] => {
    if (part.key === undefined || part.group.length === 1) return part.group;
    const inner = groupBySegment(part.group, { ...at, level: level + 1, room: at.room - 1 });
    return [{ name: [part.key, ...inner.prefix].join('/'), children: inner.children }];
  });
  return { prefix, children };
}

type Part = { readonly key: string | undefined; readonly group: number[] };

/** Each request without a key forms its own part. */
function partition(
  indices: readonly number[],
  keyOf: (index: number) => string | undefined,
  inOrder: boolean,
): Part[] {
  const parts: Part[] = [];
  const known = new Map<string, Part>();
  for (const index of indices) {
    const key = keyOf(index);
    const last = parts.at(-1);
    const neighbour = last?.key === key ? last : undefined;
    const part = key === undefined ? undefined : inOrder ? neighbour : known.get(key);
    if (part !== undefined) {
      part.group.push(index);
      continue;
    }
    const made = { key, group: [index] };
    if (key !== undefined) known.set(key, made);
    parts.push(made);
  }
  return parts;
}
