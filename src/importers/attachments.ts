import { readFileSync } from 'node:fs';
import { describeError, UserError } from '../errors.ts';
import { pathWithin } from './path-within.ts';

type Message = { readonly text?: unknown; readonly _file?: unknown };
type Attaching = {
  readonly request?: { readonly postData?: Message };
  readonly response?: { readonly content?: Message };
};

/**
 * Puts bodies that Playwright stores as separate files beside the HAR file back into their entry.
 *
 * @param folder that contains them; absent if there is none
 * @throws UserError if a file cannot be read or is not in that folder
 */
export function withAttachments(entry: unknown, folder: string | undefined, path: string): unknown {
  const { request, response } = (entry ?? {}) as Attaching;
  const { postData } = request ?? {};
  const { content } = response ?? {};
  if (postData?._file === undefined && content?._file === undefined) return entry;
  return {
    ...(entry as object),
    request: {
      ...request,
      ...(postData && { postData: attached(postData, folder, `${path}.request.postData`) }),
    },
    response: {
      ...response,
      ...(content && { content: attached(content, folder, `${path}.response.content`) }),
    },
  };
}

function attached(message: Message, folder: string | undefined, path: string): object {
  const { _file, ...rest } = message;
  // With a file, the text is empty or missing.
  if (typeof _file !== 'string' || rest.text) return rest;
  const found = folder === undefined ? undefined : pathWithin(folder, _file);
  if (found === undefined) throw new UserError(`${path}._file points outside its folder: ${_file}`);
  try {
    return { ...rest, text: readFileSync(found).toString('base64'), encoding: 'base64' };
  } catch (cause) {
    throw new UserError(`${path}._file cannot be read: ${describeError(cause)}`, { cause });
  }
}
