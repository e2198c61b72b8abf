import type { Said } from './finding.ts';
import type { PlaceFacts, Shape } from './shape.ts';

/**
 * Compares the shapes of JSON texts, member by member.
 *
 * @param side the start of each location: `request`, `response 200`
 */
export function shapeFindings(side: string, old: Shape, now: Shape): Said[] {
  if (old.root === undefined || now.root === undefined) return [];
  return [...placeFindings(`${side} $`, old.root, now.root, false)];
}

/** @param isData the location is within a list, or a member whose name is data */
function* placeFindings(
  place: string,
  old: PlaceFacts,
  now: PlaceFacts,
  isData: boolean,
): Generator<Said> {
  const fresh = [...now.types].filter((type) => !old.types.has(type));
  const isKnown = old.types.size > 0 && !old.isRedacted && !now.isRedacted;
  if (fresh.length > 0 && isKnown)
    yield { kind: 'type', place, old: typesOf(old), new: [...now.types].join(' or ') };
  else if (!isData) yield* valueFindings(place, old, now);
  yield* memberFindings(place, old, now, isData);
  if (old.elements && now.elements)
    yield* placeFindings(`${place}[]`, old.elements, now.elements, true);
  if (old.others && now.others) yield* placeFindings(`${place}.*`, old.others, now.others, true);
}

/**
 * A member is gone if it was always present in one and is never present in the other, although there are objects without
 * it. The members of a missing object are not reported again. A new member need not have been present always.
 */
function* memberFindings(
  place: string,
  old: PlaceFacts,
  now: PlaceFacts,
  isData: boolean,
): Generator<Said> {
  const areNamed = !isDictionary(old) && !isDictionary(now);
  for (const [key, facts] of old.members ?? []) {
    const other = now.members?.get(key);
    const at = `${place}${step(key)}`;
    if (other) yield* placeFindings(at, facts, other, isData);
    else if (areNamed && now.objects > 0 && facts.count === old.objects)
      yield { kind: 'field gone', place: at, old: typesOf(facts) };
  }
  if (!areNamed || old.objects === 0) return;
  for (const [key, facts] of now.members ?? [])
    if (!old.members?.has(key) && facts.count === now.objects)
      yield { kind: 'field new', place: `${place}${step(key)}`, new: typesOf(facts) };
}

/** An object whose keys are data: several, or some that look like ids, and none that is in all of the objects. */
function isDictionary({ objects, members, others }: PlaceFacts): boolean {
  const named = [...(members?.values() ?? [])];
  if (named.some(({ count }) => count >= objects)) return false;
  return others !== undefined || (objects > 1 && named.length > 1);
}

function* valueFindings(place: string, old: PlaceFacts, now: PlaceFacts): Generator<Said> {
  const { value } = old;
  if (value === undefined || now.value === undefined || now.value === value) return;
  if (mayBeChance(old.texts, now.texts)) return;
  yield { kind: 'value', place, old: JSON.stringify(value), new: JSON.stringify(now.value) };
}

/** Tolerated for each value: a suite of several hundred values has a false alarm in one of some hundred runs. */
const LIKELIEST_CHANCE = 1 / 1000;

/**
 * Whether a value that varies from call to call could be the same in all calls of one recording, and another one in all
 * calls of the other. If it has the first value with probability p, both happen with p^before · (1-p)^after, which is
 * greatest for p = before / (before + after).
 *
 * @param before the number of calls with the first value
 * @param after the number of calls with the second value
 */
function mayBeChance(before: number, after: number): boolean {
  const all = before + after;
  return (before / all) ** before * (after / all) ** after > LIKELIEST_CHANCE;
}

function typesOf({ types }: PlaceFacts): string {
  return types.size === 0 ? 'null' : [...types].join(' or ');
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
