import { kindOfText } from '../endpoints/segment-kinds.ts';
import { type TextFormat, textFormats } from './text-formats.ts';

/** A JSON Schema (2020-12), limited to the keywords that are needed here. */
export type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly contentMediaType?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema;
  readonly items?: JsonSchema;
};

/** Collects what the values in one place have in common; its size does not depend on their number. */
export type ValueFacts = {
  see(value: unknown): void;
  /** A schema that every value seen fits. */
  schema(): JsonSchema;
  /** Whether a value has the types that were seen, at every level. */
  fits(value: unknown): boolean;
};

/** An object with more members than this is a table: its keys are data. */
const MOST_PROPERTIES = 150;

/** Below this depth any value is allowed. */
const DEEPEST = 40;

type ScalarType = 'null' | 'boolean' | 'integer' | 'number' | 'string';

/** Starts with no value seen; that schema fits every value. */
export function valueFacts(depth = 0): ValueFacts {
  const scalars = new Set<ScalarType>();
  let formats: readonly TextFormat[] | undefined;
  let items: ValueFacts | undefined;
  let members: MemberFacts | undefined;
  const anything = depth > DEEPEST;

  function see(value: unknown): void {
    if (anything) return;
    if (Array.isArray(value)) {
      items ??= valueFacts(depth + 1);
      for (const item of value) items.see(item);
    } else if (isObject(value)) {
      members ??= memberFacts(depth + 1);
      members.see(value);
    } else {
      scalars.add(scalarType(value));
      if (typeof value !== 'string') return;
      formats = (formats ?? textFormats(value)).filter((format) => format.test(value));
    }
  }

  function types(): string[] {
    const found: string[] = [...scalars].filter((t) => t !== 'integer' || !scalars.has('number'));
    if (members !== undefined) found.push('object');
    if (items !== undefined) found.push('array');
    return found.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
  }

  function schema(): JsonSchema {
    const found = types();
    const [only] = found;
    if (only === undefined) return {};
    const format = formats?.[0]?.name;
    return {
      type: found.length === 1 ? only : found,
      ...(format === undefined ? {} : { format }),
      ...members?.schema(),
      ...(items === undefined ? {} : { items: items.schema() }),
    };
  }

  function fits(value: unknown): boolean {
    if (anything || types().length === 0) return true;
    if (Array.isArray(value)) return items !== undefined && value.every((one) => items?.fits(one));
    if (isObject(value)) return members?.fits(value) ?? false;
    const type = scalarType(value);
    return scalars.has(type) || (type === 'integer' && scalars.has('number'));
  }
  return { see, schema, fits };
}

const ORDER = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function scalarType(value: unknown): ScalarType {
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'boolean') return 'boolean';
  return value === null ? 'null' : 'string';
}

type MemberFacts = {
  see(value: Readonly<Record<string, unknown>>): void;
  schema(): JsonSchema;
  fits(value: Readonly<Record<string, unknown>>): boolean;
};

type Property = { times: number; readonly facts: ValueFacts };

function memberFacts(depth: number): MemberFacts {
  const properties = new Map<string, Property>();
  /** The values under keys that are data. */
  let table: ValueFacts | undefined;
  let objects = 0;
  const propertyOf = (key: string) => {
    const known = properties.get(key);
    if (known !== undefined || isData(key) || properties.size >= MOST_PROPERTIES) return known;
    const made = { times: 0, facts: valueFacts(depth) };
    properties.set(key, made);
    return made;
  };

  function see(value: Readonly<Record<string, unknown>>): void {
    objects += 1;
    for (const [key, one] of Object.entries(value)) {
      const property = propertyOf(key);
      if (property === undefined) {
        table ??= valueFacts(depth);
        table.see(one);
      } else {
        property.times += 1;
        property.facts.see(one);
      }
    }
  }

  function schema(): JsonSchema {
    const entries = [...properties].map(([key, { facts }]) => [key, facts.schema()] as const);
    const required = [...properties].filter(([, { times }]) => times === objects);
    return {
      ...(entries.length === 0 ? {} : { properties: Object.fromEntries(entries) }),
      ...(required.length === 0 ? {} : { required: required.map(([key]) => key) }),
      ...(table === undefined ? {} : { additionalProperties: table.schema() }),
    };
  }

  function fits(value: Readonly<Record<string, unknown>>): boolean {
    return Object.entries(value).every(([key, one]) => {
      const facts = properties.get(key)?.facts ?? table;
      return facts === undefined || facts.fits(one);
    });
  }
  return { see, schema, fits };
}

/** Keys that identify something are not member names, and may be confidential. */
function isData(key: string): boolean {
  return kindOfText(key) !== undefined;
}
