import type { FormParameter, ItemBody } from '../postman-model/schema.ts';
import { mapOrList } from './pairs.ts';

/** The kinds of text that the format knows; everything else is plain. */
const RAW_TYPES = new Set(['json', 'xml', 'html', 'javascript']);

/** A request's body as the format has it. */
export type V3Body = { readonly type: string; readonly content: unknown };

/** Writes a body in the way of Postman's own migration. */
export function bodyOf(body: Exclude<ItemBody, { mode: 'graphql' }>): V3Body {
  switch (body.mode) {
    case 'raw': {
      const { language } = body.options.raw;
      return { type: RAW_TYPES.has(language) ? language : 'text', content: body.raw };
    }
    case 'urlencoded':
      return { type: 'urlencoded', content: mapOrList(body.urlencoded) };
    case 'formdata':
      return { type: 'formdata', content: body.formdata.map(part) };
    case 'file':
      return { type: 'file', content: { src: body.file.src } };
  }
}

/**
 * The name that a file was sent under has no place: it is sent under that of the file that was stored. Where none was
 * chosen there is an empty list, with which the part is not sent; the migration's empty path makes the run fail.
 */
function part(parameter: FormParameter): object {
  const { type, key, contentType } = parameter;
  const content = type === 'file' ? { src: parameter.src ?? [] } : { value: parameter.value };
  return { type, key, ...content, ...(contentType === undefined ? {} : { contentType }) };
}
