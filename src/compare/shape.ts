import { isOpaque } from '../analysis/correlation/identifying.ts';
import { isLasting } from '../analysis/scripts/lasting-values.ts';
import { parseJson } from '../json/leaves.ts';

/** What JSON values have in common at one location: `$`, `$.items[].id`. */
export type PlaceFacts = {
  /** The number of values. */
  count: number;
  /** The number of texts in which there was a value. */
  texts: number;
  /** The number of objects among them: the maximum count of a member. */
  objects: number;
  /** `string`, `number`, `boolean`, `object`, `array`; the root may be `nothing` or `not JSON`. Null has no type. */
  readonly types: Set<string>;
  /** A variable replaced a secret here, so the type is unknown. */
  isRedacted: boolean;
  /** The only value seen; undefined if there were several, or none that lasts. */
  value: string | boolean | undefined;
  varies: boolean;
  /** The members of objects, by name. */
  members: Map<string, PlaceFacts> | undefined;
  /** The members whose names are data, such as ids. */
  others: PlaceFacts | undefined;
  /** The elements of arrays. */
  elements: PlaceFacts | undefined;
  /** The number of the last text with a value. */
  lastText: number;
};

/** Deeper nesting, and further locations, are not examined. */
const DEEPEST = 40;
const MOST_PLACES = 5000;

const VARIABLE = /\{\{[^{}]+\}\}/;

/** The combined shape of JSON texts, added one by one. */
export class Shape {
  /** The root; undefined before the first text. */
  root: PlaceFacts | undefined;
  #texts = 0;
  #places = 0;

  /** Adds a text that should be JSON; undefined if unknown. Variables may have made it invalid. */
  see(text: string | undefined): void {
    if (text === undefined) return;
    const value = parseJson(text);
    if (value !== undefined) this.seeValue(value);
    else if (!VARIABLE.test(text)) this.#seeOther(text.trim() === '' ? 'nothing' : 'not JSON');
  }

  /** Adds a parsed text. */
  seeValue(value: unknown): void {
    this.#texts += 1;
    this.root ??= this.#newPlace();
    if (this.root) this.#visit(this.root, value, '', 0);
  }

  /** Adds another shape. */
  add({ root }: Shape): void {
    if (root === undefined) return;
    this.root ??= this.#newPlace();
    if (this.root) this.#merge(this.root, root);
  }

  #seeOther(type: string): void {
    this.root ??= this.#newPlace();
    if (this.root === undefined) return;
    this.root.count += 1;
    this.root.varies = true;
    this.root.value = undefined;
    this.root.types.add(type);
  }

  #visit(facts: PlaceFacts, value: unknown, name: string, depth: number): void {
    if (depth > DEEPEST) return;
    facts.count += 1;
    if (facts.lastText !== this.#texts) facts.texts += 1;
    facts.lastText = this.#texts;
    if (!facts.varies) noteValue(facts, value, name);
    if (value === null) return;
    if (typeof value !== 'object') {
      if (typeof value === 'string' && value.includes('{{') && VARIABLE.test(value))
        facts.isRedacted = true;
      else facts.types.add(typeof value);
    } else if (Array.isArray(value)) this.#visitElements(facts, value, name, depth);
    else this.#visitMembers(facts, value, depth);
  }

  #visitElements(facts: PlaceFacts, list: readonly unknown[], name: string, depth: number): void {
    facts.types.add('array');
    if (list.length === 0) return;
    facts.elements ??= this.#newPlace();
    if (facts.elements)
      for (const element of list) this.#visit(facts.elements, element, name, depth + 1);
  }

  #visitMembers(facts: PlaceFacts, object: object, depth: number): void {
    facts.types.add('object');
    facts.objects += 1;
    for (const [key, value] of Object.entries(object)) {
      const member = facts.members?.get(key) ?? this.#addMember(facts, key);
      if (member) this.#visit(member, value, key, depth + 1);
    }
  }

  #addMember(facts: PlaceFacts, key: string): PlaceFacts | undefined {
    if (isData(key)) {
      facts.others ??= this.#newPlace();
      return facts.others;
    }
    const made = this.#newPlace();
    facts.members ??= new Map();
    if (made) facts.members.set(key, made);
    return made;
  }

  #merge(own: PlaceFacts, other: PlaceFacts): void {
    own.varies ||= other.varies || (own.count > 0 && own.value !== other.value);
    own.value = own.varies ? undefined : other.value;
    own.count += other.count;
    own.texts += other.texts;
    own.objects += other.objects;
    own.isRedacted ||= other.isRedacted;
    for (const type of other.types) own.types.add(type);
    if (other.elements) {
      own.elements ??= this.#newPlace();
      if (own.elements) this.#merge(own.elements, other.elements);
    }
    if (other.others) {
      own.others ??= this.#newPlace();
      if (own.others) this.#merge(own.others, other.others);
    }
    for (const [key, facts] of other.members ?? []) {
      const member = own.members?.get(key) ?? this.#addMember(own, key);
      if (member) this.#merge(member, facts);
    }
  }

  #newPlace(): PlaceFacts | undefined {
    if (this.#places >= MOST_PLACES) return undefined;
    this.#places += 1;
    return {
      count: 0,
      texts: 0,
      objects: 0,
      types: new Set(),
      isRedacted: false,
      value: undefined,
      varies: false,
      members: undefined,
      others: undefined,
      elements: undefined,
      lastText: 0,
    };
  }
}

/** Numbers, and texts that contain digits, vary: only words and booleans are expected to stay the same. */
function noteValue(facts: PlaceFacts, value: unknown, name: string): void {
  const isWord = typeof value === 'boolean' || (typeof value === 'string' && !/\d/.test(value));
  const lasts = isWord && isLasting({ path: [name], value });
  if (!lasts || (facts.count > 1 && facts.value !== value)) facts.varies = true;
  facts.value = lasts && !facts.varies ? value : undefined;
}

/** Whether the name of a member is data, such as an id. */
function isData(key: string): boolean {
  return /^\d+$/.test(key) || isOpaque(key);
}
