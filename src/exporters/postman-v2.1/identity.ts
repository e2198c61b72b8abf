import { isAuthHeader } from '../../analysis/auth.ts';
import { digest } from '../../content-id.ts';
import { originOf, parseTarget } from '../../http/target.ts';
import { isObject, type JsonObject, objectsOf, textAt } from '../../json/object.ts';
import type { CollectionJson } from './collection-json.ts';

/** The values of a collection's variables by name. */
export type Values = ReadonlyMap<string, string>;

/** The ids that an entry or an example may be known by: its own, and the one inside the `uid` that Postman makes of it. */
export function idsOf(entry: JsonObject): string[] {
  const uid = textAt(entry, 'uid').replace(/^\d+-/, '');
  return [textAt(entry, 'id'), textAt(entry, '_postman_id'), uid].filter((id) => id !== '');
}

/**
 * Whether something says who asks: true, false where it says that nobody does, undefined where what is around it decides.
 */
export function saysWho(entry: JsonObject): boolean | undefined {
  return isObject(entry['auth']) ? entry['auth']['type'] !== 'noauth' : undefined;
}

/**
 * What makes a request the same as another however it is written: method, URL with its host's variable replaced,
 * headers in order, body, and whether it says who asks, which may stand in a header or around it. Postman writes some of
 * it in another way when it exports.
 *
 * @param inherited whether a folder around it, or the collection, says who asks
 */
export function requestIdentity(request: unknown, values: Values, inherited = false): string {
  if (!isObject(request)) return digest(JSON.stringify(['GET', urlIdentity(request, values)]));
  const all = objectsOf(request, 'header');
  const headers = all.filter((header) => !isAuthHeader(textAt(header, 'key'))).map(fieldIdentity);
  const asks = headers.length < all.length || (saysWho(request) ?? inherited);
  return digest(
    JSON.stringify([
      (textAt(request, 'method') || 'GET').toUpperCase(),
      urlIdentity(request['url'], values),
      headers.map(([key = '', ...rest]) => [String(key).toLowerCase(), ...rest]),
      bodyIdentity(request['body']),
      asks,
    ]),
  );
}

function fieldIdentity(field: JsonObject): unknown[] {
  return [field['key'] ?? '', field['value'] ?? '', field['disabled'] === true];
}

function urlIdentity(url: unknown, values: Values): unknown[] {
  const raw = isObject(url) ? textAt(url, 'raw') : String(url ?? '');
  const resolved = raw.replace(/^\{\{([^{}]+)\}\}/, (whole, name) => values.get(name) || whole);
  const target = parseTarget(resolved);
  const query = target.query === undefined ? '' : `?${target.query}`;
  const user = target.userinfo === undefined ? '' : `${target.userinfo}@`;
  const address =
    target.host === '' ? resolved : user + originOf(target) + (target.path || '/') + query;
  return [address, isObject(url) ? objectsOf(url, 'variable').map(fieldIdentity) : []];
}

function bodyIdentity(body: unknown): unknown {
  if (!isObject(body)) return [];
  switch (body['mode']) {
    case 'raw':
      return body['raw'] ? ['raw', body['raw']] : [];
    case 'urlencoded':
      return ['urlencoded', objectsOf(body, 'urlencoded').map(fieldIdentity)];
    case 'formdata':
      return ['formdata', objectsOf(body, 'formdata').map(partIdentity)];
    case 'file':
      return ['file', isObject(body['file']) ? sourceOf(body['file']['src']) : ''];
    case 'graphql':
      return ['graphql', isObject(body['graphql']) ? graphqlIdentity(body['graphql']) : ''];
    default:
      return [];
  }
}

function partIdentity(part: JsonObject): unknown[] {
  const { type, contentType = '' } = part;
  const value = type === 'file' ? sourceOf(part['src']) : (part['value'] ?? '');
  return [part['key'] ?? '', type === 'file', value, contentType, part['disabled'] === true];
}

/** Postman also writes lists of files; of a path only the name says what was sent. */
function sourceOf(source: unknown): string[] {
  return [source].flat().map((path) => String(path ?? '').replace(/^.*[/\\]/, ''));
}

function graphqlIdentity(graphql: JsonObject): unknown[] {
  return [textAt(graphql, 'query'), textAt(graphql, 'variables')];
}

/**
 * What an answer may be known by: an example that shares one of these with another holds the same answer. The headers
 * of an answer differ each time (Date), so its status and body decide; without a body its name, which tells the size of
 * what could not be written, or its headers.
 */
export function answerIdentities(example: JsonObject): string[] {
  const code = textAt(example, 'code');
  const body = textAt(example, 'body');
  const ids = idsOf(example).map((id) => `id ${id}`);
  if (body !== '') return [...ids, digest(`body ${code}\n${body}`)];
  const headers = objectsOf(example, 'header').map(({ key, value }) => [key, value]);
  return [
    ...ids,
    digest(`name ${code}\n${textAt(example, 'name')}`),
    digest(`headers ${code}\n${JSON.stringify(headers)}`),
  ];
}

/**
 * What tells a request with path variables (`/users/:userId`), which stands for many: method and URL, whatever its
 * query, headers and body were the last time. Undefined for any other.
 */
export function endpointIdentity(request: unknown, values: Values): string | undefined {
  const url = isObject(request) ? request['url'] : undefined;
  if (!isObject(request) || !isObject(url) || objectsOf(url, 'variable').length === 0) {
    return undefined;
  }
  const [address] = urlIdentity({ raw: textAt(url, 'raw').replace(/\?.*$/s, '') }, values);
  return digest(JSON.stringify([textAt(request, 'method').toUpperCase(), address, 'endpoint']));
}

/** The values of a collection's variables that count, without a slash at their end, which paths begin with. */
export function valuesOf(collection: CollectionJson): Values {
  const enabled = objectsOf(collection, 'variable').filter(({ disabled }) => disabled !== true);
  const written = (variable: JsonObject) => textAt(variable, 'value').replace(/\/$/, '');
  return new Map(enabled.map((variable) => [variableName(variable), written(variable)]));
}

/** A variable's name; older collections have it as `id`. */
export function variableName(variable: JsonObject): string {
  return textAt(variable, 'key') || textAt(variable, 'id');
}
