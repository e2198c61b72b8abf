import type { ItemUrl, Members, Parameter, UrlParts, Variable } from '../collection.ts';
import { textOf } from '../json/object.ts';

/**
 * The unresolved URL that a runner uses. It is built from the enabled parts, whatever `raw` contains. A URL without a
 * host and a path is taken from `raw`. Path variables are kept as they are.
 */
export function writtenUrl({ raw, parts }: ItemUrl): string {
  const isTold = parts?.host !== undefined || parts?.path !== undefined;
  return parts !== undefined && isTold ? joinedParts(parts) : raw.trim();
}

/** The same URL with the path variables replaced by their values. */
export function sentUrl(url: ItemUrl): string {
  const { variables, path } = url.parts ?? {};
  if (variables === undefined || path === undefined) return writtenUrl(url);
  const values = new Map(enabled(variables).map(({ key, value }) => [key, textOf(value)]));
  const segments = path.map((segment) => withValue(segment, values));
  return writtenUrl({ ...url, parts: { ...url.parts, path: segments } });
}

/** Like postman-collection's `Url.getPath`: the name ends at a dot, an empty value is ignored. */
function withValue(segment: string, values: ReadonlyMap<string, string>): string {
  if (!segment.startsWith(':')) return segment;
  const [name = ''] = segment.slice(1).split('.', 1);
  const value = values.get(name);
  return value === undefined || value === '' ? segment : value + segment.slice(1 + name.length);
}

/** Joins the parts of a URL like postman-collection's `Url.toString`. */
export function joinedParts(parts: UrlParts): string {
  const { protocol, auth, host, port, path, query = [], hash } = parts;
  const sent = enabled(query);
  const user = auth && [auth['user'], auth['password']].filter((one) => typeof one === 'string');
  return [
    protocol === undefined ? '' : `${protocol}://`,
    user && user.length > 0 ? `${user.join(':')}@` : '',
    host?.join('.') ?? '',
    port === undefined ? '' : `:${port}`,
    path === undefined ? '' : `/${path.join('/')}`,
    sent.length === 0 ? '' : `?${sent.map(pairText).join('&')}`,
    hash === undefined ? '' : `#${hash}`,
  ].join('');
}

/** A parameter as written in a query. */
export function pairText({ key, value }: Parameter): string {
  return value === null ? (key ?? '') : `${key ?? ''}=${value}`;
}

/** The enabled entries. */
export function enabled<T extends Parameter | Variable>(list: readonly T[]): T[] {
  return list.filter(({ disabled }) => !disabled);
}

const PARTS =
  /^(?:([a-z][a-z0-9+.-]*|\0+):\/\/)?(?:([^/?#@]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/dis;
const PORT = /^.*(:)(?:\d*|\0+)$/ds;

/** Splits a URL that may contain variables; decodes nothing. Missing parts are absent. */
export function splitUrl(url: string): UrlParts {
  // A variable is one token, whatever its braces contain.
  const masked = url.replace(/\{\{[^{}]*\}\}/g, (variable) => '\0'.repeat(variable.length));
  const [, ...indices] = PARTS.exec(masked)?.indices ?? [];
  const [protocol, user, authority = '', path = '', query, hash] = indices.map(
    (place) => place && url.slice(...place),
  );
  const start = indices[2]?.[0] ?? 0;
  const colon = PORT.exec(masked.slice(start, start + authority.length))?.indices?.[1]?.[0];
  const host = authority.slice(0, colon);
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(user === undefined ? {} : { auth: userOf(user) }),
    ...(host === '' ? {} : { host: labelsOf(host) }),
    ...(colon === undefined ? {} : { port: authority.slice(colon + 1) }),
    ...(path === '' ? {} : { path: path.slice(1).split('/') }),
    ...(query === undefined ? {} : { query: query.split('&').map(pairOf) }),
    ...(hash === undefined ? {} : { hash }),
  };
}

function userOf(text: string): Members {
  const colon = text.indexOf(':');
  if (colon < 0) return { user: text };
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function labelsOf(host: string): string[] {
  return host.startsWith('[') || /\{\{[^{}.]*\.[^{}]*\}\}/.test(host) ? [host] : host.split('.');
}

/** Parses a query parameter; without `=` its value is null. */
export function pairOf(text: string): Parameter {
  const equals = text.indexOf('=');
  if (equals < 0) return { key: text, value: null };
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** Percent-encodes what a request line cannot contain (RFC 3986, 2); keeps variables. */
export function encodedUrl(url: string): string {
  return url.replace(/\{\{[^{}]*\}\}|[^\x21-\x7e]+/g, (part) =>
    part.startsWith('{{')
      ? part
      : Buffer.from(part).toString('hex').toUpperCase().replace(/../g, '%$&'),
  );
}
