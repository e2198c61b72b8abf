import { isUtf8 } from 'node:buffer';
import type { ItemBody } from '../../collection.ts';
import { digest } from '../../content-id.ts';
import { headerValue, type RecordedRequest } from '../../exchange.ts';
import { asBuffer } from '../../http/body-text.ts';
import { isCoded } from '../../http/content-coding.ts';
import { type ContentType, contentTypeOf, languageOf } from '../../http/content-type.ts';
import { parseGraphql } from '../../http/graphql.ts';
import { hasDynamicVariable } from '../../secrets/variables.ts';
import type { CollectionOptions } from '../options.ts';
import { formData, urlencoded } from './form.ts';

/** A body as it is written, and a note about it for the reader. */
export type WrittenBody = { readonly body?: ItemBody; readonly note?: string };

/** Longer text is written to a separate file. */
const RAW_BYTES_LIMIT = 16 * 1024 * 1024;

/**
 * Writes a request's body in the most readable mode that still replays the recorded body: forms and GraphQL are
 * split into fields, other text is raw, everything else is a file.
 */
export async function requestBody(
  request: RecordedRequest,
  attach: CollectionOptions['attach'],
): Promise<WrittenBody> {
  const recorded = request.body;
  if (recorded === undefined) return {};
  const bytes = asBuffer(await recorded.bytes());
  const note = recorded.cut
    ? `Only the first ${bytes.length} of the ${recorded.size} bytes of its body were recorded.`
    : undefined;
  if (bytes.length === 0) return note === undefined ? {} : { note };
  const type = contentTypeOf(request.headers);
  const opaque = isCoded(recorded) || holdsDynamicVariable(bytes);
  const body =
    (opaque || recorded.cut ? undefined : await structuredBody(bytes, request, attach)) ??
    (opaque ? undefined : rawBody(bytes, type)) ??
    (attach === undefined ? undefined : await fileBody(bytes, type, attach));
  if (body !== undefined) return { body, ...(note === undefined ? {} : { note }) };
  const left = `Its body (${bytes.length} bytes) is left out: a collection without files cannot hold it.`;
  return { note: note === undefined ? left : `${note} ${left}` };
}

/** A runner replaces `{{$guid}}` and similar variables in every mode but `file`. */
function holdsDynamicVariable(bytes: Buffer): boolean {
  return bytes.includes('{{$') && hasDynamicVariable(bytes.toString('latin1'));
}

async function fileBody(
  bytes: Buffer,
  type: ContentType | undefined,
  attach: NonNullable<CollectionOptions['attach']>,
): Promise<ItemBody> {
  return { mode: 'file', src: await attach(fileName(bytes, type), bytes) };
}

function fileName(bytes: Buffer, type: ContentType | undefined): string {
  const subtype = type?.essence.split(/[/+]/).at(-1) ?? '';
  const ending = /^[a-z0-9]{1,5}$/.test(subtype) ? subtype : 'bin';
  return `${digest(bytes).slice(0, 16)}.${ending}`;
}

async function structuredBody(
  bytes: Buffer,
  { headers }: RecordedRequest,
  attach: CollectionOptions['attach'],
): Promise<ItemBody | undefined> {
  const type = contentTypeOf(headers);
  if (type?.essence === 'multipart/form-data') return formData(bytes, type, attach);
  if (type === undefined || !isUtf8(bytes)) return undefined;
  // A runner rewrites a type that is spelled differently (postman-request's form()).
  const isForm = headerValue(headers, 'content-type')?.startsWith(FORM_TYPE);
  if (isForm) return urlencoded(bytes.toString());
  return languageOf(type.essence) === 'json' ? graphql(bytes.toString()) : undefined;
}

const FORM_TYPE = 'application/x-www-form-urlencoded';

function graphql(text: string): ItemBody | undefined {
  const parsed = parseGraphql(text);
  if (parsed === undefined) return undefined;
  // Escaped braces would become a variable once unescaped.
  const hidden = parsed.query.includes('{{') && !text.includes(JSON.stringify(parsed.query));
  return hidden ? undefined : { mode: 'graphql', ...parsed };
}

function rawBody(bytes: Buffer, type: ContentType | undefined): ItemBody | undefined {
  if (bytes.length > RAW_BYTES_LIMIT || bytes.includes(0) || !isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  return { mode: 'raw', text, language: rawLanguage(text, type) };
}

/** postman-runtime strips comments from bodies labelled JSON: only JSON gets that label. */
function rawLanguage(raw: string, type: ContentType | undefined): string {
  const language = languageOf(type?.essence ?? '');
  if (language !== 'json' || !/\/[/*]/.test(raw)) return language;
  try {
    JSON.parse(raw);
    return 'json';
  } catch {
    return 'text';
  }
}
