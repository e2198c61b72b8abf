import type { HarEntry } from '../../sync/wire/page-events.ts';
import { base64Of, utf8Of } from './base64.ts';
import type { WebRequestBody } from './web-request.ts';

export type PostData = NonNullable<HarEntry['request']['postData']>;

/**
 * Writes a request body as HAR has it. Of a form without files, Chromium reports the fields, sorted by name; the text of a
 * multipart form is left to the reader, which writes it from the fields. Files and Blobs cannot be read: such a body is
 * marked as cut.
 *
 * @param mimeType of the request
 * @param maxBytes more is cut off
 * @param sentText the body as the debugger tells it, which has the fields of a form in order
 */
export function postDataOf(
  { formData, raw, error }: WebRequestBody,
  mimeType: string,
  maxBytes: number,
  sentText?: string,
): PostData | undefined {
  if (formData && (sentText === undefined || isMultipart(mimeType)))
    return formOf(formData, mimeType);
  if (formData) return { mimeType, params: [], text: sentText ?? '' };
  if (error !== undefined) return { mimeType, params: [], text: '', _cut: true };
  if (raw === undefined || raw.length === 0) return undefined;
  const bytes = joined(raw.map((part) => new Uint8Array(part.bytes ?? new ArrayBuffer(0))));
  const kept = bytes.subarray(0, maxBytes);
  const text = utf8Of(kept);
  return {
    mimeType,
    params: [],
    ...(text === undefined ? { text: base64Of(kept), _encoding: 'base64' } : { text }),
    ...((isIncomplete(raw, mimeType) || kept.length < bytes.length) && { _cut: true }),
  };
}

// Chromium leaves out the files of a form: what is before and behind one are two parts.
function isIncomplete(raw: NonNullable<WebRequestBody['raw']>, mimeType: string): boolean {
  return raw.some(({ bytes }) => bytes === undefined) || (raw.length > 1 && isMultipart(mimeType));
}

/** The number of bytes of a body that are known. */
export function knownSize({ raw }: WebRequestBody): number {
  return (raw ?? []).reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
}

function formOf(formData: NonNullable<WebRequestBody['formData']>, mimeType: string): PostData {
  const params = Object.entries(formData).flatMap(([name, values]) =>
    values.map((value) => ({ name, value: typeof value === 'string' ? value : textOf(value) })),
  );
  const fields = params.map(({ name, value }): [string, string] => [name, value]);
  return {
    mimeType,
    params,
    text: isMultipart(mimeType) ? '' : new URLSearchParams(fields).toString(),
  };
}

function isMultipart(mimeType: string): boolean {
  return /^multipart\//i.test(mimeType);
}

function textOf(value: ArrayBuffer): string {
  return new TextDecoder().decode(value);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
