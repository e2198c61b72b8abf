import type { FormField, ItemBody } from '../collection.ts';
import { digest } from '../content-id.ts';
import { graphqlText } from './graphql-text.ts';
import type { Resolve } from './resolving.ts';
import { enabled } from './url.ts';

/** The media type of a raw body by its language; any other language is plain text. */
const RAW_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  html: 'text/html',
  javascript: 'application/javascript',
};

/** The type that a runner sets if no header does; a multipart form sets its own. */
export function typeOfBody(body: ItemBody): string | undefined {
  switch (body.mode) {
    case 'raw':
      return RAW_TYPES[body.language ?? ''] ?? 'text/plain';
    case 'urlencoded':
      return 'application/x-www-form-urlencoded';
    case 'graphql':
      return 'application/json';
    default:
      return undefined;
  }
}

function typed(body: ItemBody): { type?: string } {
  const type = typeOfBody(body);
  return type === undefined ? {} : { type };
}

/** A body as a runner sends it, and its media type. */
export type SentText = { readonly text: string; readonly type?: string };

/**
 * Writes a body as text.
 *
 * @param resolve replaces variables with their values; variables without a value are kept
 * @param boundary of a multipart form, if the request names one
 * @returns undefined without a body, or if the body is a file, which is not read
 */
export function bodyText(
  body: ItemBody,
  resolve: Resolve,
  boundary?: string,
): SentText | undefined {
  switch (body.mode) {
    case 'raw': {
      return body.text === '' ? undefined : { text: resolve(body.text), ...typed(body) };
    }
    case 'urlencoded': {
      const fields = enabled(body.fields).map(({ key, value }) =>
        [key ?? '', value ?? ''].map(resolve).map(formEncoded).join('='),
      );
      if (fields.length === 0) return undefined;
      return { text: fields.join('&'), ...typed(body) };
    }
    case 'formdata':
      return multipart(enabled(body.fields), resolve, boundary);
    case 'graphql':
      return { text: graphqlText(body, resolve), ...typed(body) };
    default:
      return undefined;
  }
}

/** A URL-encoded name or value (URL Standard, 5); variables without a value stay legible. */
export function formEncoded(text: string): string {
  const pieces = text.split(/(\{\{[^{}]*\}\})/);
  return pieces
    .map((piece, at) =>
      at % 2 === 1 ? piece : new URLSearchParams([['', piece]]).toString().slice(1),
    )
    .join('');
}

function multipart(
  fields: readonly FormField[],
  resolve: Resolve,
  named: string | undefined,
): SentText | undefined {
  if (fields.length === 0) return undefined;
  const parts = fields.flatMap((field) => partsOf(field, resolve));
  const boundary = named ?? `pmproxy-${digest(JSON.stringify(parts)).slice(0, 16)}`;
  const text = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
  if (named !== undefined) return { text };
  return { text, type: `multipart/form-data; boundary=${boundary}` };
}

/** One part for each file, without content: the file is on another machine. */
function partsOf(field: FormField, resolve: Resolve): string[] {
  const name = quoted(resolve(field.key ?? ''));
  const { contentType } = field;
  const type = contentType === undefined ? '' : `\r\nContent-Type: ${resolve(contentType)}`;
  if (field.type === 'text') {
    const value = resolve(field.value ?? '');
    return [`Content-Disposition: form-data; name="${name}"${type}\r\n\r\n${value}`];
  }
  const sent = type || '\r\nContent-Type: application/octet-stream';
  return filesOf(field).map((src) => {
    const fileName = quoted(field.fileName ?? resolve(src).replace(/^.*[/\\]/, ''));
    return `Content-Disposition: form-data; name="${name}"; filename="${fileName}"${sent}\r\n\r\n`;
  });
}

/** The files that a part names; a part without files sends none. */
export function filesOf({ src }: FormField): string[] {
  return [src ?? []].flat().filter((name) => name !== '');
}

/** HTML, 4.10.21.8. */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
