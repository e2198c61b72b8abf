import { isUtf8 } from 'node:buffer';
import type { FormField, ItemBody } from '../../collection.ts';
import { digest } from '../../content-id.ts';
import type { ContentType } from '../../http/content-type.ts';
import { type FormField as Pair, parseFormFields } from '../../http/forms.ts';
import { type FormPart, parseFormParts } from '../../http/multipart.ts';
import type { CollectionOptions } from '../options.ts';

type Attach = CollectionOptions['attach'];

/** Writes an urlencoded form decoded, where a runner encodes it to the same fields in the same order. */
export function urlencoded(text: string): ItemBody | undefined {
  const fields = parseFormFields(text);
  if (fields === undefined || !keepsOrder(fields)) return undefined;
  // Escaped braces would become a variable once decoded.
  if (fields.some((field) => field.some((part) => part.includes('{{')))) return undefined;
  return { mode: 'urlencoded', fields: fields.map(([key, value]) => ({ key, value })) };
}

/**
 * postman-runtime collects the fields in an object (urlEncodedBodyReducer): fields of one name move together, names that
 * are numbers move to the front, and `__proto__` is lost.
 */
function keepsOrder(fields: readonly Pair[]): boolean {
  const gathered = new Set<string>();
  let last: string | undefined;
  for (const [name] of fields) {
    if (name === '__proto__' || /^\d+$/.test(name)) return false;
    if (gathered.has(name) && last !== name) return false;
    gathered.add(name);
    last = name;
  }
  return true;
}

/** Writes a multipart form part by part, where a runner can write the same parts; files go beside the output. */
export async function formData(
  bytes: Buffer,
  type: ContentType,
  attach: Attach,
): Promise<ItemBody | undefined> {
  const boundary = type.parameters.get('boundary');
  // The runner rewrites the type, with only its own boundary.
  const isPlain = boundary && type.parameters.size === 1;
  const parts = isPlain ? parseFormParts(bytes, boundary) : undefined;
  if (
    parts === undefined ||
    parts.length === 0 ||
    !parts.every((part) => isWritable(part, attach))
  ) {
    return undefined;
  }
  const fields: FormField[] = [];
  for (const part of parts) fields.push(await formField(part, attach));
  return { mode: 'formdata', fields };
}

function isWritable({ name, fileName, contentType, bytes }: FormPart, attach: Attach): boolean {
  if (name === '') return false;
  if (fileName === undefined) return isUtf8(bytes);
  // The runner sends only the last segment of a name, and guesses a missing type.
  if (contentType === undefined || /[/\\]/.test(fileName)) return false;
  return bytes.length === 0 ? fileName === '' || attach !== undefined : attach !== undefined;
}

async function formField(part: FormPart, attach: Attach): Promise<FormField> {
  const { name: key, fileName, contentType = '', bytes } = part;
  if (fileName === undefined) {
    const text = { key, value: bytes.toString('utf8'), type: 'text' as const };
    return contentType === '' ? text : { ...text, contentType };
  }
  const isEmpty = fileName === '' && bytes.length === 0;
  const src = isEmpty || attach === undefined ? null : await attach(storedName(part), bytes);
  return { key, value: null, type: 'file', src, fileName, contentType };
}

/** The file's own name, made safe, and unique by content. */
function storedName({ fileName = '', bytes }: FormPart): string {
  const safe = fileName.replace(/[^A-Za-z0-9._-]+/g, '_').slice(-64);
  return `${digest(bytes).slice(0, 16)}-${safe}`;
}
