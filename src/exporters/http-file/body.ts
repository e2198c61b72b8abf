import { isUtf8 } from 'node:buffer';
import type { RecordedCall } from '../../collection.ts';
import { digest } from '../../content-id.ts';
import { asBuffer } from '../../http/body-text.ts';
import { type ContentType, contentTypeOf } from '../../http/content-type.ts';
import { formFieldRanges } from '../../http/multipart.ts';
import type { ExportOptions } from '../exporter.ts';
import { canStandInBody, isFreeOfBraces, splitAtVariables } from './text.ts';

export type BodyContext = {
  /** Whether a name in double braces is a variable. */
  readonly isVariable: (name: string) => boolean;
  readonly attach: ExportOptions['attach'];
};

/** A body as written in the file, and a note about it. */
export type FileBody = { readonly text?: string; readonly note?: string };

/** Longer text goes to a separate file. */
const INLINE_BYTES_LIMIT = 1024 * 1024;

/**
 * Writes a request's body: as text if every program sends it unchanged, a form with its files beside it, any other body
 * from a file.
 *
 * @returns undefined if the body is absent or empty
 */
export async function requestBody(
  request: RecordedCall['request'],
  context: BodyContext,
): Promise<FileBody | undefined> {
  const bytes = request.body && asBuffer(await request.body.bytes());
  if (bytes === undefined || bytes.length === 0) return undefined;
  const type = contentTypeOf(request.headers);
  const inline =
    type?.essence === 'multipart/form-data'
      ? await inlineForm(bytes, type, context)
      : inlineText(bytes, type, context.isVariable);
  return inline === undefined ? fromFile(bytes, context) : { text: inline };
}

function inlineText(
  bytes: Buffer,
  type: ContentType | undefined,
  isVariable: (name: string) => boolean,
): string | undefined {
  if (bytes.length > INLINE_BYTES_LIMIT || !isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  // The programs rewrap such a body and encode unencoded characters.
  const isForm = type?.essence === 'application/x-www-form-urlencoded';
  if (isForm && !/^[\x21-\x7e]+$/.test(text)) return undefined;
  return canStandInBody(text) && isFreeOfBraces(text, isVariable) ? text : undefined;
}

/** The programs send a form's lines with CR LF, regardless of the file's line breaks. */
async function inlineForm(
  bytes: Buffer,
  type: ContentType,
  { isVariable, attach }: BodyContext,
): Promise<string | undefined> {
  const boundary = type.parameters.get('boundary') ?? '';
  const pieces: string[] = [];
  let written = 0;
  for (const { start, end } of formFieldRanges(bytes, boundary)) {
    const value = bytes.subarray(start, end);
    const own = value.length === 0 ? '' : formLines(value);
    if (own === undefined && attach === undefined) return undefined;
    const head = formLines(bytes.subarray(written, start), true);
    if (head === undefined) return undefined;
    pieces.push(head, own ?? `< ./${await attach?.(fileName(value), value)}`);
    written = end;
  }
  const rest = bytes.toString('latin1', written).replace(/\r\n$/, '');
  if (rest !== `\r\n--${boundary}--`) return undefined;
  const text = `${pieces.join('')}\n--${boundary}--`;
  return isFreeOfBraces(text, isVariable) ? text : undefined;
}

/** The lines of a form part, if they are separated by CR LF and each is safe in a body. */
function formLines(bytes: Buffer, isHead = false): string | undefined {
  if (bytes.length > INLINE_BYTES_LIMIT || !isUtf8(bytes)) return undefined;
  const lines = bytes.toString().split('\r\n');
  if (lines.some((line) => /[\r\n]/.test(line))) return undefined;
  const text = lines.join('\n');
  return canStandInBody(isHead ? text.trim() : text) ? text : undefined;
}

async function fromFile(bytes: Buffer, { isVariable, attach }: BodyContext): Promise<FileBody> {
  if (attach === undefined) {
    return {
      note: `Its body (${bytes.length} bytes) is left out: it needs a file beside this one.`,
    };
  }
  const path = `./${await attach(fileName(bytes), bytes)}`;
  const text = bytes.toString('latin1');
  if (splitAtVariables(text, isVariable).length === 1) return { text: `< ${path}` };
  // `<@` replaces variables in the file, `<` does not.
  if (isUtf8(bytes) && isFreeOfBraces(text, isVariable)) return { text: `<@ ${path}` };
  return {
    text: `< ${path}`,
    note: 'Put the secrets into the file of its body by hand.',
  };
}

function fileName(bytes: Buffer): string {
  return `${digest(bytes).slice(0, 16)}.bin`;
}
