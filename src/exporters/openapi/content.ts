import { type ValueFacts, valueFacts } from '../../analysis/schema/json-schema.ts';
import type { RecordedBody, RecordedMessage } from '../../collection.ts';
import { asBuffer, textOf } from '../../http/body-text.ts';
import { decodeContent } from '../../http/content-coding.ts';
import { type ContentType, contentTypeOf } from '../../http/content-type.ts';
import { parseFormFields } from '../../http/forms.ts';
import { kindOfMediaType } from '../../http/media-type.ts';
import { isDeeper } from '../../json/leaves.ts';
import type { Content, MediaType } from './document.ts';
import { parseExactly } from './exact-json.ts';
import { formParts, multipartMedia, type PartFacts } from './form-parts.ts';
import { scalarOf, textExample, textSchema } from './text-types.ts';

/** Collects the content of messages of one kind. */
export type ContentFacts = {
  /** `redacted` is the same message with variables instead of secrets, for the example. */
  see(message: RecordedMessage, redacted: RecordedMessage): Promise<void>;
  /** Undefined if no message had content. */
  content(): Content | undefined;
};

type MediaFacts = {
  readonly facts: ValueFacts;
  readonly parts: PartFacts;
  structured: boolean;
  example?: unknown;
};

/** Longer bodies are too long to read as examples. */
const EXAMPLE_BYTES_LIMIT = 16 * 1024;

/** Deeper examples are omitted: the schema ends there, and the YAML writer recurses for each level. */
const DEEPEST_EXAMPLE = 40;

/** Starts with no message seen. */
export function contentFacts(): ContentFacts {
  const media = new Map<string, MediaFacts>();
  return {
    async see({ headers, body }, redacted) {
      if (body === undefined || body.size === 0) return;
      const type = contentTypeOf(headers);
      const essence = type?.essence.includes('/') ? type.essence : 'application/octet-stream';
      const known = media.get(essence) ?? noneSeen();
      media.set(essence, known);
      const value = await readValue(body, type, known.parts);
      if (value === undefined) return;
      known.structured ||= typeof value !== 'string';
      known.facts.see(value);
      if (known.example === undefined && body.size <= EXAMPLE_BYTES_LIMIT && redacted.body) {
        const example = await readValue(redacted.body, type, new Map());
        if (!isDeeper(example, DEEPEST_EXAMPLE)) known.example = example;
      }
    },
    content() {
      if (media.size === 0) return undefined;
      return Object.fromEntries(
        [...media].map(([essence, facts]) => [essence, mediaType(essence, facts)]),
      );
    },
  };
}

function noneSeen(): MediaFacts {
  return { facts: valueFacts(), parts: new Map(), structured: false };
}

/** Redacting a secret number or formatted value can make an example invalid; it is then omitted. */
function mediaType(essence: string, { facts, parts, structured, example }: MediaFacts): MediaType {
  // OpenAPI 3.1.1, 4.8.14.2: bytes have no schema.
  const schema = facts.schema();
  if (!structured) return schema.type === undefined ? {} : { schema: { type: 'string' } };
  const isShown = example !== undefined && canBeExample(example) && facts.fits(example);
  const shown = isShown ? { example } : {};
  if (essence === 'multipart/form-data') return multipartMedia({ schema, ...shown }, parts);
  if (essence !== 'application/x-www-form-urlencoded') return { schema, ...shown };
  const written = textSchema(schema);
  return { schema: written, ...(isShown && { example: textExample(example, written) }) };
}

/** Deeper examples are unreadable, and programs run out of stack. */
const DEEPEST = 100;

/** Programs read `$ref` as a reference everywhere, even in examples. */
function canBeExample(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const objects = level.filter((one) => typeof one === 'object' && one !== null) as object[];
    if (depth > DEEPEST || objects.some((one) => Object.hasOwn(one, '$ref'))) return false;
    level = objects.flatMap((one): unknown[] => Object.values(one));
  }
  return true;
}

/** Returns JSON parsed, forms as objects, other text as text; undefined for binary, invalid or incomplete bodies. */
async function readValue(
  body: RecordedBody,
  type: ContentType | undefined,
  parts: PartFacts,
): Promise<unknown> {
  if (body.cut) return undefined;
  const decoded = decodeContent(await body.bytes(), body.encoding);
  if ('fault' in decoded) return undefined;
  const bytes = asBuffer(decoded.bytes);
  if (type?.essence === 'multipart/form-data') return collected(formParts(bytes, type, parts));
  const text = textOf(bytes, type);
  if (text === undefined) return undefined;
  if (type?.essence === 'application/x-www-form-urlencoded') return formFields(text);
  return isJson(type?.essence ?? '') ? parseExactly(text) : text;
}

function isJson(essence: string): boolean {
  const sequence = /ndjson|json-seq|jsonl|json-lines/.test(essence);
  return kindOfMediaType(essence) === 'json' && !sequence;
}

function formFields(text: string): unknown {
  return collected(parseFormFields(text)?.map(([name, value]) => [name, scalarOf(value)]));
}

/** Collects values by name; a repeated name gets a list. */
function collected(
  pairs: readonly (readonly [name: string, value: unknown])[] | undefined,
): unknown {
  if (pairs === undefined) return undefined;
  const values = new Map<string, unknown[]>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return Object.fromEntries(
    [...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all]),
  );
}
