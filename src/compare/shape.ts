import { isOpaque } from '../analysis/correlation/identifying.ts';
import { isLasting } from '../analysis/scripts/lasting-values.ts';
import { parseJson } from '../json/leaves.ts';

/** What JSON values have in common at one location: `$`, `$.items[].id`. */
export type PlaceFacts = {
  /** The number of values. */
  count: number;
  /** The number of objects among them: the maximum count of a member. */
  objects: number;
  /** `string`, `number`, `boolean`, `object`, `array`; the root may be `nothing` or `not JSON`. Null has no type. */
  readonly types: Set<string>;
  /** A variable replaced a secret here, so the type is unknown. */
  isRedacted: boolean;
  /** The only value seen; undefined if there were several, or none that lasts. */
  value: string | boolean | undefined;
  varies: boolean;
};

/** Deeper nesting, and further locations, are not examined. */
const DEEPEST = 40;
const MOST_PLACES = 5000;

const VARIABLE = /\{\{[^{}]+\}\}/;

/** The combined shape of JSON texts, added one by one. */
export class Shape {
  readonly places = new Map<string, PlaceFacts>();

  /** Adds a text that should be JSON; undefined if unknown. Variables may have made it invalid. */
  see(text: string | undefined): void {
    if (text === undefined) return;
    const value = parseJson(text);
    if (value !== undefined) this.#visit('$', value, '', 0);
    else if (!VARIABLE.test(text)) this.#seeOther(text.trim() === '' ? 'nothing' : 'not JSON');
  }

  #seeOther(type: string): void {
    const facts = this.#at('$');
    if (facts === undefined) return;
    facts.count += 1;
    facts.varies = true;
    facts.value = undefined;
    facts.types.add(type);
  }

  /** Adds another shape. */
  add(other: Shape): void {
    for (const [path, facts] of other.places) {
      const own = this.#at(path);
      if (own === undefined) continue;
      own.varies ||= facts.varies || (own.count > 0 && own.value !== facts.value);
      own.value = own.varies ? undefined : facts.value;
      own.count += facts.count;
      own.objects += facts.objects;
      own.isRedacted ||= facts.isRedacted;
      for (const type of facts.types) own.types.add(type);
    }
  }

  #visit(path: string, value: unknown, name: string, depth: number): void {
    const facts = this.#at(path);
    if (facts === undefined || depth > DEEPEST) return;
    facts.count += 1;
    noteValue(facts, value, name);
    if (value === null) return;
    if (typeof value === 'string' && VARIABLE.test(value)) facts.isRedacted = true;
    else facts.types.add(Array.isArray(value) ? 'array' : typeof value);
    if (Array.isArray(value))
      for (const element of value) this.#visit(`${path}[]`, element, name, depth + 1);
    else if (typeof value === 'object') {
      facts.objects += 1;
      for (const [key, member] of Object.entries(value))
        this.#visit(`${path}${step(key)}`, member, key, depth + 1);
    }
  }

  #at(path: string): PlaceFacts | undefined {
    const known = this.places.get(path);
    if (known !== undefined || this.places.size >= MOST_PLACES) return known;
    const made = {
      count: 0,
      objects: 0,
      types: new Set<string>(),
      isRedacted: false,
      value: undefined,
      varies: false,
    };
    this.places.set(path, made);
    return made;
  }
}

/** Numbers, and texts that contain digits, vary: only words and booleans are expected to stay the same. */
function noteValue(facts: PlaceFacts, value: unknown, name: string): void {
  const isWord = typeof value === 'boolean' || (typeof value === 'string' && !/\d/.test(value));
  const lasts = isWord && isLasting({ path: [name], value });
  const said = lasts ? value : undefined;
  if (said === undefined || (facts.count > 1 && facts.value !== said)) facts.varies = true;
  facts.value = facts.varies ? undefined : said;
}

/** Keys that are data, such as ids, share one location. */
function step(key: string): string {
  if (/^\d+$/.test(key) || isOpaque(key)) return '.*';
  return /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** The parent location: `$.items[]` for `$.items[].id`; undefined for the root. */
export function placeAround(path: string): string | undefined {
  if (path === '$') return undefined;
  if (path.endsWith('[]')) return path.slice(0, -2);
  const quoted = /^(.*)\["(?:[^"\\]|\\.)*"\]$/s.exec(path);
  return quoted ? quoted[1] : path.slice(0, path.lastIndexOf('.'));
}
