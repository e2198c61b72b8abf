import type { FormField, ItemBody } from '../../collection.ts';
import { plainText } from '../../document/text.ts';
import { mapOrList } from './pairs.ts';

/** The kinds of text that the format knows; everything else is plain. */
const RAW_TYPES = new Set(['json', 'xml', 'html', 'javascript']);

/** A request's body as the format has it. */
export type V3Body = { readonly type: string; readonly content?: unknown };

/** Writes a body in the way of Postman's own migration. */
export function bodyOf(body: Exclude<ItemBody, { mode: 'graphql' | 'none' }>): V3Body {
  switch (body.mode) {
    case 'raw': {
      const { language = '' } = body;
      return { type: RAW_TYPES.has(language) ? language : 'text', content: body.text };
    }
    case 'urlencoded':
      return {
        type: 'urlencoded',
        ...(body.fields.length === 0 ? {} : { content: mapOrList(body.fields) }),
      };
    case 'formdata':
      return {
        type: 'formdata',
        ...(body.fields.length === 0 ? {} : { content: body.fields.map(part) }),
      };
    case 'file':
      return { type: 'file', content: body.src === null ? {} : { src: body.src } };
  }
}

/**
 * The name that a file was sent under has no place: it is sent under that of the file that was stored. Where none was
 * chosen there is an empty list, with which the part is not sent; the migration's empty path makes the run fail.
 */
function part({ key, value, type, src, contentType, disabled, description }: FormField): object {
  const said = plainText(description);
  return {
    type,
    key,
    ...(type === 'file' ? { src: src ?? [] } : { value: value ?? '' }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(disabled ? { disabled } : {}),
    ...(said === undefined ? {} : { description: said }),
  };
}
