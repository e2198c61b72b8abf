import type { HarEntry } from '../../sync/wire/page-events.ts';
import { base64Of, utf8Of } from './base64.ts';
import type { WebRequestBody } from './web-request.ts';

export type PostData = NonNullable<HarEntry['request']['postData']>;

/**
 * Writes a request body as HAR has it. Of a form, Chromium tells the fields by name, in the order in which each name came
 * first; the text of a multipart form is left to the reader, which writes it from the fields. Files and Blobs are not
 * readable: such a body is marked as cut.
 *
 * @param mimeType of the request
 * @param maxBytes more is cut off
 */
export function postDataOf(
  { formData, raw }: WebRequestBody,
  mimeType: string,
  maxBytes: number,
): PostData | undefined {
  if (formData) return formOf(formData, mimeType);
  if (raw === undefined || raw.length === 0) return undefined;
  const isWhole = raw.every(({ bytes }) => bytes !== undefined);
  const bytes = joined(raw.map((part) => new Uint8Array(part.bytes ?? new ArrayBuffer(0))));
  const kept = bytes.subarray(0, maxBytes);
  const cut = isWhole && kept.length === bytes.length ? {} : ({ _cut: true } as const);
  const text = utf8Of(kept);
  const content =
    text === undefined ? { text: base64Of(kept), _encoding: 'base64' as const } : { text };
  return { mimeType, params: [], ...content, ...cut };
}

/** The number of bytes of a body that are known. */
export function knownSize({ raw }: WebRequestBody): number {
  return (raw ?? []).reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
}

function formOf(formData: NonNullable<WebRequestBody['formData']>, mimeType: string): PostData {
  const params = Object.entries(formData).flatMap(([name, values]) =>
    values.map((value) => ({ name, value: typeof value === 'string' ? value : textOf(value) })),
  );
  const isMultipart = /^multipart\//i.test(mimeType);
  const fields = params.map(({ name, value }): [string, string] => [name, value]);
  return { mimeType, params, text: isMultipart ? '' : new URLSearchParams(fields).toString() };
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
