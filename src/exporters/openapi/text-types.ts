import type { JsonSchema } from '../../analysis/schema/json-schema.ts';

/** A text as the scalar that it is written like: a number, true or false, otherwise itself. */
export function scalarOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
  // One that would be written in another way, such as `1.50`, is a text.
  return number !== undefined && String(number) === text ? number : text;
}

/** The schema of values that were read from text with `scalarOf`: where they differ in type they are texts. */
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

/** A value that was read with `scalarOf` as its schema has it. */
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
