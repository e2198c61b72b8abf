import type { AnswerFacts, EndpointFacts } from './endpoint-facts.ts';
import type { Finding } from './finding.ts';
import { type PlaceFacts, placeAround, type Shape } from './shape.ts';

type Said = Omit<Finding, 'method' | 'path' | 'operation'>;

/** The finding about an endpoint that only one recording has. */
export function callFinding(kind: 'call gone' | 'call new', endpoint: EndpointFacts): Finding {
  return { ...nameOf(endpoint), kind, place: '' };
}

function nameOf({ method, path, operation }: EndpointFacts) {
  return { method, path, ...(operation !== undefined && { operation }) };
}

/**
 * The differences between the calls of an endpoint and those of the same endpoint in the yardstick.
 *
 * @param isPart whether these are some of the calls, so that a status that they lack is no difference
 */
export function endpointFindings(
  old: EndpointFacts,
  now: EndpointFacts,
  isPart = false,
): Finding[] {
  const said: Said[] = [
    ...parameterFindings(old, now),
    ...setFindings('content type', 'request content type', old.bodyTypes, now.bodyTypes),
    ...shapeFindings('request', old.requestShape, now.requestShape),
    ...statusFindings(old, now, isPart),
  ];
  for (const [status, answers] of old.answers) {
    const others = now.answers.get(status);
    if (others) said.push(...answerFindings(`response ${status}`, answers, others));
  }
  return said.map((one) => ({ ...nameOf(old), ...one }));
}

/** Only what was always present can be missing, and only what was never present is new. */
function parameterFindings(old: EndpointFacts, now: EndpointFacts): Said[] {
  const gone = [...old.parameters].filter(
    ([name, count]) => count === old.count && !now.parameters.has(name),
  );
  const fresh = [...now.parameters].filter(([name]) => !old.parameters.has(name));
  return [
    ...gone.map(([place]): Said => ({ kind: 'parameter', place, old: 'sent' })),
    ...fresh.map(([place]): Said => ({ kind: 'parameter', place, new: 'sent' })),
  ];
}

/** Temporary answers: a server is busy, a client already has the content, a job is not done. */
const MOMENTARY = new Set([202, 304, 408, 425, 429, 502, 503, 504]);

function statusFindings(old: EndpointFacts, now: EndpointFacts, isPart: boolean): Said[] {
  const before = [...old.answers.keys()];
  const after = [...now.answers.keys()];
  // Documents contain requests without an answer.
  if (before.length === 0) return [];
  if (after.length === 0)
    return [{ kind: 'status', place: 'status', old: before.join(', '), new: 'no answer' }];
  const fresh = after.filter((status) => !before.includes(status) && status !== 304);
  const gone = isPart
    ? []
    : before.filter((status) => !after.includes(status) && !MOMENTARY.has(status));
  if (fresh.length > 0 || gone.length > 0) {
    const [told, toldNow] = [gone.length > 0 ? gone : before, fresh.length > 0 ? fresh : after];
    return [{ kind: 'status', place: 'status', old: told.join(', '), new: toldNow.join(', ') }];
  }
  return requestStatusFindings(old, now);
}

/** The same request got statuses that are known for its endpoint, but new for this request. */
function requestStatusFindings(old: EndpointFacts, now: EndpointFacts): Said[] {
  for (const [key, statuses] of old.statuses) {
    const others = now.statuses.get(key);
    if (others === undefined) continue;
    const isNew = [...others].every((status) => !statuses.has(status) && status !== 304);
    if (isNew && ![...statuses].every((status) => MOMENTARY.has(status)))
      return [
        {
          kind: 'status',
          place: 'status',
          old: [...statuses].join(', '),
          new: [...others].join(', '),
        },
      ];
  }
  return [];
}

function answerFindings(place: string, old: AnswerFacts, now: AnswerFacts): Said[] {
  return [
    ...setFindings('content type', `${place} content type`, old.types, now.types),
    ...setFindings('redirect', `${place} Location`, old.redirects, now.redirects),
    ...setFindings('status', `${place} grpc-status`, old.grpcStatuses, now.grpcStatuses),
    ...shapeFindings(place, old.shape, now.shape),
  ];
}

/** Reports new entries; a missing entry may be chance if there are several. */
function setFindings(
  kind: 'content type' | 'redirect' | 'status',
  place: string,
  old: ReadonlySet<string>,
  now: ReadonlySet<string>,
): Said[] {
  const fresh = [...now].filter((one) => !old.has(one));
  if (old.size === 0 || fresh.length === 0) return [];
  const gone = [...old].filter((one) => !now.has(one));
  const words = (list: string[]) => list.map((one) => one || 'none').join(', ');
  return [{ kind, place, old: words(gone.length > 0 ? gone : [...old]), new: words(fresh) }];
}

function shapeFindings(side: string, old: Shape, now: Shape): Said[] {
  if (old.places.size === 0 || now.places.size === 0) return [];
  const said: Said[] = [];
  for (const [path, facts] of old.places) {
    const other = now.places.get(path);
    const place = `${side} ${path}`;
    if (other) said.push(...placeFindings(place, facts, other));
    else if (isMissed(path, old, now))
      said.push({ kind: 'field gone', place, old: typesOf(facts) });
  }
  for (const [path, facts] of now.places)
    if (isMissed(path, now, old))
      said.push({ kind: 'field new', place: `${side} ${path}`, new: typesOf(facts) });
  return said;
}

/**
 * Whether a member was always present in one and is never present in the other, although its parent is. The members of a
 * missing parent are not reported again. A new member need not always have been present.
 */
function isMissed(path: string, has: Shape, lacks: Shape): boolean {
  if (lacks.places.has(path)) return false;
  const around = placeAround(path);
  if (around === undefined || path.endsWith('[]')) return false;
  const holder = has.places.get(around);
  const other = lacks.places.get(around);
  const facts = has.places.get(path);
  if (!holder || !other || other.objects === 0 || !facts) return false;
  return (
    facts.count === holder.objects && !isDictionary(around, has) && !isDictionary(around, lacks)
  );
}

/** An object whose keys are data: if there are several, no key is in all of them. */
function isDictionary(path: string, shape: Shape): boolean {
  const holder = shape.places.get(path);
  if (holder === undefined || holder.objects < 2) return false;
  const members = [...shape.places].filter(
    ([other]) => other !== path && placeAround(other) === path,
  );
  return members.length > 1 && members.every(([, { count }]) => count < holder.objects);
}

function placeFindings(place: string, old: PlaceFacts, now: PlaceFacts): Said[] {
  const fresh = [...now.types].filter((type) => !old.types.has(type));
  const isKnown = old.types.size > 0 && !old.isRedacted && !now.isRedacted;
  if (fresh.length > 0 && isKnown)
    return [{ kind: 'type', place, old: typesOf(old), new: [...now.types].join(' or ') }];
  const { value } = old;
  const isConstant = old.count > 1 && value !== undefined;
  if (!isConstant || now.varies || now.value === value || now.value === undefined) return [];
  return [{ kind: 'value', place, old: JSON.stringify(value), new: JSON.stringify(now.value) }];
}

function typesOf({ types, isRedacted }: PlaceFacts): string {
  if (types.size === 0) return isRedacted ? 'a secret' : 'null';
  return [...types].join(' or ');
}
