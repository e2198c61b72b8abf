import type { ItemUrl, Parameter, UrlParts } from '../../collection.ts';
import { originOf, type Target } from '../../http/target.ts';

/**
 * Writes a URL as `raw` and matching parts, without decoding or encoding.
 *
 * @param target the URL with its secrets already replaced
 * @param variables names by origin; an origin without one is written out
 */
export function itemUrl(target: Target, variables: ReadonlyMap<string, string>): Required<ItemUrl> {
  const variable = target.userinfo === undefined ? variables.get(originOf(target)) : undefined;
  const authority = variable === undefined ? writtenOut(target) : byVariable(variable);
  const { path, query } = target;
  return {
    raw: `${authority.raw}${path}${query === undefined ? '' : `?${query}`}`,
    parts: {
      ...authority.parts,
      ...(path === '' ? {} : { path: path.slice(1).split('/') }),
      ...(query === undefined ? {} : { query: query.split('&').map(parameterAt) }),
    },
  };
}

type Authority = { readonly raw: string; readonly parts: UrlParts };

function byVariable(name: string): Authority {
  return { raw: `{{${name}}}`, parts: { host: [`{{${name}}}`] } };
}

function writtenOut({ protocol, userinfo, host, port }: Target): Authority {
  return {
    raw: `${protocol}://${userinfo === undefined ? '' : `${userinfo}@`}${host}${port === undefined ? '' : `:${port}`}`,
    parts: {
      protocol,
      ...(userinfo === undefined ? {} : { auth: credentials(userinfo) }),
      host: host.startsWith('[') ? [host] : host.split('.'),
      ...(port === undefined ? {} : { port }),
    },
  };
}

function credentials(userinfo: string): { user: string; password?: string } {
  const colon = userinfo.indexOf(':');
  if (colon < 0) return { user: userinfo };
  return { user: userinfo.slice(0, colon), password: userinfo.slice(colon + 1) };
}

/** Like postman-collection's QueryParam.parse: an empty parameter is null between two ampersands, an empty key at the end. */
function parameterAt(text: string, index: number, all: readonly string[]): Parameter {
  if (text === '') return { key: index === all.length - 1 ? '' : null, value: null };
  return queryParameter(text);
}

/** The parameter between two ampersands; without `=` its value is null. */
export function queryParameter(text: string): Parameter {
  const equals = text.indexOf('=');
  if (equals < 0) return { key: text, value: null };
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

// postman-url-encoder's PATH_ENCODE_SET and QUERY_ENCODE_SET: characters that a runner percent-encodes.
const ENCODED_IN_PATH = /[^\x21-\x7e]|["<>`#?{}]/;
const ENCODED_IN_QUERY = /[^\x21-\x7e]|["#'<>]/;

/** Whether a runner changes this URL by default. */
export function wouldBeEncoded({ path, query }: Target): boolean {
  return ENCODED_IN_PATH.test(path) || (query !== undefined && ENCODED_IN_QUERY.test(query));
}
