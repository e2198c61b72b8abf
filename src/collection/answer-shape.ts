import { createSchema, mergeSchemas, type Schema } from 'genson-js';
import { formatOf, type TextFormat } from './answer-values.ts';
import { isOpaque } from './identifying.ts';
import { jsonLeaves } from './json-leaves.ts';

/** What several answers of JSON have in common, taken in one after another. */
export type AnswerShape = {
  see(value: unknown): void;
  /** A JSON Schema (draft-07) that all of them fit; undefined where it would say nothing. */
  schema(): object | undefined;
};

const LEAVES_LIMIT = 2000;

/** Deeper than this a script only asks for the type. */
const DEEPEST = 6;

/** An object with more members than this is a table. */
const MOST_MEMBERS = 60;

/** Starts with no answer seen. */
export function answerShape(): AnswerShape {
  let merged: Schema | undefined;
  const formats = new Map<string, TextFormat | undefined>();
  return {
    see(value) {
      const schema = createSchema(value);
      merged = merged === undefined ? schema : mergeSchemas([merged, schema]);
      for (const leaf of jsonLeaves(value, LEAVES_LIMIT)) {
        if (typeof leaf.value !== 'string') continue;
        const at = JSON.stringify(leaf.path.map((step) => (typeof step === 'number' ? 0 : step)));
        const format = formatOf(leaf.value);
        if (!formats.has(at) || formats.get(at) === format) formats.set(at, format);
        else formats.set(at, undefined);
      }
    },
    schema() {
      const written = merged === undefined ? {} : readable(merged, [], formats);
      return Object.keys(written).length === 0 ? undefined : written;
    },
  };
}

type Formats = ReadonlyMap<string, TextFormat | undefined>;

function readable(schema: Schema, path: readonly (string | number)[], formats: Formats): object {
  const type = typeOf(schema);
  if (type === undefined) return {};
  const types = [type].flat();
  const format = types.includes('string') ? formats.get(JSON.stringify(path)) : undefined;
  const items =
    schema.items && path.length < DEEPEST ? readable(schema.items, [...path, 0], formats) : {};
  return {
    type,
    ...(format === undefined ? {} : { format }),
    ...(types.includes('object') && path.length < DEEPEST ? members(schema, path, formats) : {}),
    ...(Object.keys(items).length > 0 ? { items } : {}),
  };
}

/** Whole numbers may have fractions next time, and what was null may be anything. */
function typeOf({ type }: Schema): string | string[] | undefined {
  const types = [
    ...new Set([type ?? []].flat().map((one) => (one === 'integer' ? 'number' : String(one)))),
  ];
  if (types.every((one) => one === 'null')) return undefined;
  return types.length === 1 ? types[0] : types;
}

function members(schema: Schema, path: readonly (string | number)[], formats: Formats): object {
  const entries = Object.entries(schema.properties ?? {});
  if (entries.length === 0 || entries.length > MOST_MEMBERS) return {};
  // Ids and the like as names: a table, too.
  if (!entries.every(([name]) => /^[\w$.@ -]{1,60}$/.test(name) && !isTableKey(name))) return {};
  const properties = Object.fromEntries(
    entries
      .map(([name, member]) => [name, readable(member, [...path, name], formats)] as const)
      .filter(([, member]) => Object.keys(member).length > 0),
  );
  return {
    ...(schema.required?.length ? { required: schema.required } : {}),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
  };
}

function isTableKey(name: string): boolean {
  return /^\d/.test(name) || /[^@\s]@[^@\s]/.test(name) || isOpaque(name);
}
