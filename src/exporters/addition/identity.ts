import { isAuthHeader } from '../../analysis/auth.ts';
import type {
  Auth,
  Example,
  FormField,
  ItemBody,
  ItemRequest,
  Members,
  Parameter,
  Socket,
  SocketMessage,
  Variable,
} from '../../collection.ts';
import { digest } from '../../content-id.ts';
import { graphqlText } from '../../document/graphql-text.ts';
import { sentBody } from '../../document/sent.ts';
import { originOf, parseTarget } from '../../http/target.ts';
import { textOf } from '../../json/object.ts';

/** The values of a collection's variables by name. */
export type Values = ReadonlyMap<string, string>;

/** The ids that identify an entry or an example: its own, and the one inside the `uid` that Postman derives. */
export function idsOf({ id, extra }: { readonly id?: string; readonly extra?: Members }): string[] {
  const uid = textOf(extra?.['uid']).replace(/^\d+-/, '');
  return [id ?? '', textOf(extra?.['_postman_id']), uid].filter((one) => one !== '');
}

/**
 * Whether a request, folder or collection has credentials: true, false if it explicitly has none (`noauth`), undefined if
 * its parent decides.
 */
export function hasCredentials({ auth }: { readonly auth?: Auth }): boolean | undefined {
  return auth && auth.type !== 'noauth';
}

/** A request and the settings of its item. */
export type Requested = { readonly request: ItemRequest; readonly behavior?: Members };

/**
 * The identity of a request, however it is written: method, URL with the variable of its host replaced, headers in order,
 * the body that is sent, and whether it has credentials, which may be in a header or inherited. Postman changes some
 * spellings on export.
 *
 * @param inherited whether a parent folder or the collection has credentials
 */
export function requestIdentity(
  { request, behavior }: Requested,
  values: Values,
  inherited = false,
): string {
  const headers = request.headers.filter(({ key }) => !isAuthHeader(key ?? ''));
  const asks = headers.length < request.headers.length || (hasCredentials(request) ?? inherited);
  return digest(
    JSON.stringify([
      request.method.toUpperCase(),
      urlIdentity(request.url.raw, values),
      (request.url.parts?.variables ?? []).map(fieldIdentity),
      headers.map(fieldIdentity).map(([key, ...rest]) => [key.toLowerCase(), ...rest]),
      bodyIdentity(sentBody(request, behavior)),
      asks,
    ]),
  );
}

/** The identity of a WebSocket: its URL with the variable of its host replaced. */
export function socketIdentity({ url }: Socket, values: Values): string {
  return urlIdentity(url.raw, values);
}

/** The identity of a message of a WebSocket: what is sent. */
export function messageIdentity({ type, content }: SocketMessage): string {
  return digest(`${type === 'json' ? 'text' : type} ${content}`);
}

function fieldIdentity({
  key,
  value,
  disabled,
}: Parameter | Variable): [key: string, value: unknown, disabled: boolean] {
  return [key ?? '', value ?? '', disabled === true];
}

function urlIdentity(raw: string, values: Values): string {
  const resolved = raw.replace(/^\{\{([^{}]+)\}\}/, (whole, name) => values.get(name) || whole);
  const target = parseTarget(resolved);
  if (target.host === '') return resolved;
  const query = target.query === undefined ? '' : `?${target.query}`;
  const user = target.userinfo === undefined ? '' : `${target.userinfo}@`;
  return user + originOf(target) + (target.path || '/') + query;
}

function bodyIdentity(body: ItemBody | undefined): unknown[] {
  switch (body?.mode) {
    case 'raw':
      return body.text === '' ? [] : ['raw', body.text];
    case 'urlencoded':
      return [body.mode, body.fields.map(fieldIdentity)];
    case 'formdata':
      return [body.mode, body.fields.map(partIdentity)];
    case 'file':
      return [body.mode, fileNames(body.src)];
    case 'graphql':
      // Version 3 writes some GraphQL requests as the JSON that is sent.
      return ['raw', graphqlText(body)];
    default:
      return [];
  }
}

function partIdentity(part: FormField): unknown[] {
  const { key, type, src, contentType = '', disabled } = part;
  const value = type === 'file' ? fileNames(src) : (part.value ?? '');
  return [key ?? '', type === 'file', value, contentType, disabled === true];
}

/** Postman also writes lists of files; only the file name in a path matters. */
function fileNames(src: FormField['src']): string[] {
  return [src ?? ''].flat().map((path) => path.replace(/^.*[/\\]/, ''));
}

/**
 * The identities of a response: two examples that share one contain the same response. The headers differ each time
 * (Date), so status and body decide. Without a body the name, which contains the size of a body that could not be
 * written, or the headers decide.
 */
export function answerIdentities(example: Example): string[] {
  const { code = 200, name } = example;
  const body = example.body ?? '';
  const ids = idsOf(example).map((id) => `id ${id}`);
  if (body !== '') return [...ids, digest(`body ${code}\n${body}`)];
  const headers = example.headers.map(({ key, value }) => [key, value]);
  return [
    ...ids,
    digest(`name ${code}\n${name.trim()}`),
    digest(`headers ${code}\n${JSON.stringify(headers)}`),
  ];
}

/**
 * The identity of a request with path variables (`/users/:userId`), which represents many: method and URL, regardless of
 * its last query, headers and body. Undefined for any other request.
 */
export function endpointIdentity({ method, url }: ItemRequest, values: Values): string | undefined {
  if ((url.parts?.variables ?? []).length === 0) return undefined;
  const address = urlIdentity(url.raw.replace(/\?.*$/s, ''), values);
  return digest(JSON.stringify([method.toUpperCase(), address, 'endpoint']));
}

/** The values of a collection's enabled variables, without a trailing slash: paths begin with one. */
export function valuesOf(variables: readonly Variable[]): Values {
  const enabled = variables.filter(({ disabled }) => disabled !== true);
  return new Map(enabled.map(({ key, value }) => [key, textOf(value).replace(/\/$/, '')]));
}
