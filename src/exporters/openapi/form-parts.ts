import { isUtf8 } from 'node:buffer';
import type { JsonSchema } from '../../analysis/schema/json-schema.ts';
import { type ContentType, parseContentType } from '../../http/content-type.ts';
import { kindOfMediaType } from '../../http/media-type.ts';
import { type FormPart, parseFormParts } from '../../http/multipart.ts';
import type { MediaType } from './document.ts';
import { parseExactly } from './exact-json.ts';
import { scalarOf, textExample, textSchema } from './text-types.ts';

/** Facts about multipart parts besides their values, by name. */
export type PartFacts = Map<
  string,
  { readonly types: Set<string>; kind: 'text' | 'json' | 'file' }
>;

/**
 * Reads a multipart/form-data body as names and values: JSON is parsed, a file becomes its name, and other text becomes
 * the scalar that it looks like.
 *
 * @param facts collects facts about the parts, if given
 * @returns undefined if the body cannot be parsed
 */
export function formParts(
  bytes: Buffer,
  type: ContentType,
  facts: PartFacts,
): readonly (readonly [name: string, value: unknown])[] | undefined {
  const parts = parseFormParts(bytes, type.parameters.get('boundary') ?? '');
  return parts?.map((part) => {
    const essence = parseContentType(part.contentType ?? '').essence;
    const json = isJsonPart(part, essence) ? parseExactly(part.bytes.toString()) : undefined;
    const isFile = json === undefined && (part.fileName !== undefined || !isUtf8(part.bytes));
    const kind = isFile ? 'file' : json === undefined ? 'text' : 'json';
    const known = facts.get(part.name) ?? { types: new Set(), kind };
    facts.set(part.name, known);
    // A part that was sent in different ways gets the most general kind.
    if (known.kind !== kind) known.kind = isFile || known.kind === 'file' ? 'file' : 'text';
    if (essence !== '') known.types.add(essence);
    const text = () => scalarOf(part.bytes.toString());
    return [part.name, isFile ? (part.fileName ?? '') : (json ?? text())] as const;
  });
}

/** Browsers name a Blob made by a script `blob`. */
function isJsonPart({ fileName = 'blob' }: FormPart, essence: string): boolean {
  return fileName === 'blob' && kindOfMediaType(essence) === 'json';
}

/**
 * Describes a multipart body (OpenAPI 3.1.1, 4.8.14.3): files are binary, JSON stays unchanged, other parts are text.
 *
 * @param seen the schema, and perhaps an example, of names and values from `formParts`
 */
export function multipartMedia({ schema = {}, example }: MediaType, facts: PartFacts): MediaType {
  const kindOf = (name: string) => facts.get(name)?.kind;
  const properties = mapped(schema.properties, (one, name) => {
    if (kindOf(name) === 'json') return one;
    return kindOf(name) === 'file' ? fileSchema(one, typesOf(facts, name)) : textSchema(one);
  });
  const shown = mapped(example as Record<string, unknown> | undefined, (one, name) =>
    kindOf(name) === 'json' ? one : textExample(one, properties?.[name]),
  );
  const typed = Object.keys(properties ?? {}).filter((name) => typesOf(facts, name).length > 0);
  const encoding = typed.map((name) => [name, { contentType: typesOf(facts, name).join(', ') }]);
  return {
    schema: { ...schema, ...(properties && { properties }) },
    ...(encoding.length > 0 && { encoding: Object.fromEntries(encoding) }),
    ...(shown && { example: shown }),
  };
}

function typesOf(facts: PartFacts, name: string): string[] {
  return [...(facts.get(name)?.types ?? [])];
}

function mapped<T, R>(
  members: Readonly<Record<string, T>> | undefined,
  change: (value: T, name: string) => R,
): Record<string, R> | undefined {
  if (members === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(members).map(([name, one]) => [name, change(one, name)]),
  );
}

function fileSchema(seen: JsonSchema, types: readonly string[]): JsonSchema {
  const [type, another] = types;
  const file = {
    type: 'string',
    format: 'binary',
    ...(type !== undefined && another === undefined && { contentMediaType: type }),
  };
  return seen.items === undefined ? file : { type: 'array', items: file };
}
