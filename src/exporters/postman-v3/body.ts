import type { FormField, ItemBody } from '../../collection.ts';
import { plainText } from '../../document/text.ts';
import { mapOrList } from './pairs.ts';

/** The text types of the format; all others are plain. */
const RAW_TYPES = new Set(['json', 'xml', 'html', 'javascript']);

/** A request's body in the format. */
export type V3Body = { readonly type: string; readonly content?: unknown };

/** Writes a body as Postman's own migration does. */
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
 * The format cannot hold the original file name: a file is sent under the name of the stored file. If no file was chosen,
 * an empty list omits the part; the migration's empty path makes the run fail.
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
