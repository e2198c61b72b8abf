import { isOpaque } from '../correlation/identifying.ts';
import { type JsonSchema, valueFacts } from '../schema/json-schema.ts';

/** What several answers of JSON have in common, taken in one after another. */
export type AnswerShape = {
  see(value: unknown): void;
  /** A JSON Schema (draft-07) that all of them fit; undefined where it would say nothing. */
  schema(): JsonSchema | undefined;
};

/** Deeper than this a script only asks for the type. */
const DEEPEST = 6;

/** An object with more members than this is a table. */
const MOST_MEMBERS = 60;

/** Formats of what a server makes up. Others are those of what people enter, who may enter something else. */
const ASSERTED_FORMATS = new Set(['date-time', 'uuid']);

/** Starts with no answer seen. */
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

/** What of a schema can be expected of the next answer as well. */
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

/** Whole numbers may have fractions next time, and what was null may be anything. */
function typeOf({ type }: JsonSchema): string | readonly string[] | undefined {
  const types = [type ?? []].flat().map((one) => (one === 'integer' ? 'number' : one));
  if (types.every((one) => one === 'null')) return undefined;
  return types.length === 1 ? types[0] : types;
}

function members(schema: JsonSchema, depth: number): JsonSchema {
  const { properties: recorded = {}, required, additionalProperties } = schema;
  const entries = Object.entries(recorded);
  if (entries.length === 0 || entries.length > MOST_MEMBERS) return {};
  // Ids and the like as names: a table, too.
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

/** The name of a member, and no key of a table. */
function isMemberName(name: string): boolean {
  if (!/^[\w$.@ -]{1,60}$/.test(name) || /^\d/.test(name)) return false;
  return !/[^@\s]@[^@\s]/.test(name) && !isOpaque(name);
}
