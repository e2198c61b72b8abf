import { existsSync, readFileSync, statSync } from 'node:fs';
import { digest } from '../../collection/identifiers.ts';
import { jsonText } from '../../collection/json-text.ts';
import { describeError, UserError } from '../../errors.ts';
import type { Body } from '../../exchange.ts';
import { pathWithin } from '../path-within.ts';
import type { CallBody, FormField } from './call.ts';

/** A body as a runner would send it, and the type that it would give it. */
export type SentBody = { readonly body: Body; readonly type?: string };

export type BodyContext = {
  /** Puts the values of variables in. */
  readonly resolve: (text: string) => string;
  /** Where the files that it names are looked for, in this order; nowhere for standard input. */
  readonly folders: readonly string[];
  readonly path: string;
  /** The boundary that the request names, if it does. */
  readonly boundary: string | undefined;
};

/**
 * Writes the body of a saved request.
 *
 * @throws UserError when a file that it names is not there or not below the collection's folder
 */
export function sentBody(body: CallBody, context: BodyContext): SentBody | undefined {
  const { resolve } = context;
  switch (body.mode) {
    case 'raw': {
      const { type } = body;
      return body.text === ''
        ? undefined
        : { ...textBody(resolve(body.text)), ...(type && { type }) };
    }
    case 'urlencoded': {
      const fields = body.fields.map((field) => field.map(resolve).map(formEncoded).join('='));
      return { ...textBody(fields.join('&')), type: 'application/x-www-form-urlencoded' };
    }
    case 'formdata':
      return multipart(body.fields, context);
    case 'file':
      return body.src === '' ? undefined : { body: fileBody(resolve(body.src), context) };
    case 'graphql':
      return { ...textBody(graphql(body, resolve)), type: 'application/json' };
  }
}

function textBody(text: string): SentBody {
  return { body: bodyOf(Buffer.byteLength(text), () => Buffer.from(text)) };
}

function bodyOf(size: number, read: () => Buffer): Body {
  return { size, encoding: [], bytes: async () => read() };
}

function fileBody(src: string, { folders, path }: BodyContext): Body {
  const places = folders.flatMap((folder) => pathWithin(folder, src) ?? []);
  const found = places.find((place) => existsSync(place)) ?? places[0];
  if (found === undefined)
    throw new UserError(`${path}.request.body names a file outside of its folder: ${src}`);
  try {
    return bodyOf(statSync(found).size, () => readFileSync(found));
  } catch (cause) {
    throw new UserError(`${path}.request.body: ${describeError(cause)}`, { cause });
  }
}

/** application/x-www-form-urlencoded (URL Standard, 5.2); variables without a value keep their braces. */
function formEncoded(text: string): string {
  const [, encoded = ''] = /^=(.*)$/s.exec(new URLSearchParams([['', text]]).toString()) ?? [];
  return encoded.replace(
    /%7B%7B([\w.$%+-]*?)%7D%7D/g,
    (_, name) => `{{${decodeURIComponent(name)}}}`,
  );
}

function graphql(
  { query, operationName, variables }: Extract<CallBody, { mode: 'graphql' }>,
  resolve: BodyContext['resolve'],
): string {
  const given = variables === undefined ? undefined : parsed(resolve(variables));
  return jsonText({
    query: resolve(query),
    ...(operationName && { operationName: resolve(operationName) }),
    ...(given !== undefined && { variables: given }),
  });
}

// As the app does: what is no JSON is no variables.
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function multipart(fields: readonly FormField[], context: BodyContext): SentBody {
  const { resolve } = context;
  const parts = fields.flatMap((field) => partsOf(field, context));
  const boundary =
    context.boundary ?? `pmproxy-${digest(resolve(JSON.stringify(fields))).slice(0, 16)}`;
  const heads = parts.map(({ head }) => Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`));
  const end = Buffer.from(`--${boundary}--\r\n`);
  const headBytes = heads.reduce((sum, head) => sum + head.length + 2, end.length);
  const size = parts.reduce((sum, { body }) => sum + body.size, headBytes);
  const bytes = async () => {
    const pieces: Uint8Array[] = [];
    for (const [at, { body }] of parts.entries())
      pieces.push(heads[at] ?? end, await body.bytes(), Buffer.from('\r\n'));
    return Buffer.concat([...pieces, end]);
  };
  return {
    body: { size, encoding: [], bytes },
    ...(context.boundary === undefined && { type: `multipart/form-data; boundary=${boundary}` }),
  };
}

type Part = { readonly head: string; readonly body: Body };

function partsOf(field: FormField, context: BodyContext): Part[] {
  const { resolve } = context;
  const name = quoted(resolve(field.name));
  const type = field.contentType ? `\r\nContent-Type: ${resolve(field.contentType)}` : '';
  if (typeof field.value === 'string') {
    const { body } = textBody(resolve(field.value));
    return [{ head: `Content-Disposition: form-data; name="${name}"${type}`, body }];
  }
  const sent = type || '\r\nContent-Type: application/octet-stream';
  const part = (fileName: string, body: Body): Part => ({
    head: `Content-Disposition: form-data; name="${name}"; filename="${quoted(fileName)}"${sent}`,
    body,
  });
  // A field for files without one is sent all the same (HTML, 4.10.22.4).
  if (field.value.length === 0)
    return [
      part(
        '',
        bodyOf(0, () => Buffer.alloc(0)),
      ),
    ];
  return field.value.map((src) =>
    part(field.fileName ?? src.replace(/^.*[/\\]/, ''), fileBody(resolve(src), context)),
  );
}

/** HTML, 4.10.21.8. */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
