import type { JsonSchema } from '../../analysis/schema/json-schema.ts';

/** Converts a text to the scalar that it looks like: a number, true or false, otherwise itself. */
export function scalarOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
  // A number that would be written differently, such as `1.50`, stays text.
  return number !== undefined && String(number) === text ? number : text;
}

/** The schema of values that were read with `scalarOf`: values of different types are strings. */
export function textSchema(schema: JsonSchema): JsonSchema {
  const { type, format: _format, ...rest } = schema;
  if (typeof type === 'object') {
    const nested = type.filter((one) => one === 'array' || one === 'object');
    const types = [...nested, 'string'];
    return withNested({ ...rest, type: types.length === 1 ? 'string' : types });
  }
  return withNested(schema);
}

function withNested(schema: JsonSchema): JsonSchema {
  const { items, properties } = schema;
  return {
    ...schema,
    ...(items && { items: textSchema(items) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [name, textSchema(one)]),
      ),
    }),
  };
}

/** Converts a value that was read with `scalarOf` to the type in its schema. */
export function textExample(value: unknown, schema: JsonSchema | undefined): unknown {
  if (Array.isArray(value)) return value.map((one) => textExample(one, schema?.items));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        name,
        textExample(one, schema?.properties?.[name] ?? schema?.additionalProperties),
      ]),
    );
  }
  const isText = schema?.type === 'string' || schema?.type?.includes('string');
  return isText ? String(value) : value;
}
