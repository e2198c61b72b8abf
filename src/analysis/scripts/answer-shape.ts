import { isOpaque } from '../correlation/identifying.ts';
import { type JsonSchema, valueFacts } from '../schema/json-schema.ts';

/** Collects what several JSON responses have in common. */
export type AnswerShape = {
  see(value: unknown): void;
  /** A JSON Schema (draft-07) that fits all responses; undefined if it would not constrain anything. */
  schema(): JsonSchema | undefined;
};

/** Below this depth a script only checks the type. */
const DEEPEST = 6;

/** An object with more members than this is a table. */
const MOST_MEMBERS = 60;

/** Formats of values that servers generate. Values in other formats are entered by people, who may enter something else. */
const ASSERTED_FORMATS = new Set(['date-time', 'uuid']);

/** Starts with no response seen. */
export function answerShape(): AnswerShape {
  const facts = valueFacts();
  return {
    see: facts.see,
    schema() {
      const written = assertable(facts.schema(), 0);
      return Object.keys(written).length === 0 ? undefined : written;
    },
  };
}

/** The part of a schema that the next response can be expected to fit. */
function assertable(schema: JsonSchema, depth: number): JsonSchema {
  const type = typeOf(schema);
  if (type === undefined) return {};
  const { format, items: recorded } = schema;
  const items = recorded && depth < DEEPEST ? assertable(recorded, depth + 1) : {};
  return {
    type,
    ...(format !== undefined && ASSERTED_FORMATS.has(format) ? { format } : {}),
    ...(depth < DEEPEST ? members(schema, depth) : {}),
    ...(Object.keys(items).length > 0 ? { items } : {}),
  };
}

/** Integers may have fractions next time, and null may become any value. */
function typeOf({ type }: JsonSchema): string | readonly string[] | undefined {
  const types = [type ?? []].flat().map((one) => (one === 'integer' ? 'number' : one));
  if (types.every((one) => one === 'null')) return undefined;
  return types.length === 1 ? types[0] : types;
}

function members(schema: JsonSchema, depth: number): JsonSchema {
  const { properties: recorded = {}, required, additionalProperties } = schema;
  const entries = Object.entries(recorded);
  if (entries.length === 0 || entries.length > MOST_MEMBERS) return {};
  // An object with ids and the like as names is a table, too.
  if (additionalProperties !== undefined || !entries.every(([name]) => isMemberName(name)))
    return {};
  const properties = Object.fromEntries(
    entries
      .map(([name, member]) => [name, assertable(member, depth + 1)] as const)
      .filter(([, member]) => Object.keys(member).length > 0),
  );
  return {
    ...(required === undefined ? {} : { required }),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
  };
}

/** Whether a name is a member's name and not a key of a table. */
function isMemberName(name: string): boolean {
  if (!/^[\w$.@ -]{1,60}$/.test(name) || /^\d/.test(name)) return false;
  return !/[^@\s]@[^@\s]/.test(name) && !isOpaque(name);
}
