import { STATUS_CODES } from 'node:http';
import type {
  Auth,
  CollectionHead,
  Example,
  Folder,
  Item,
  ItemBody,
  ItemRequest,
  Members,
  Script,
  Variable,
} from '../../collection.ts';
import { contentId } from '../../content-id.ts';
import { graphqlText } from '../../document/graphql-text.ts';
import { sentBody } from '../../document/sent.ts';
import { plainText, saidOf } from '../../document/text.ts';
import type { ItemMembers } from '../addition/merging.ts';
import { bodyOf } from './body.ts';
import { collectionVariables, mapOrList, pathVariables, queryMapOrList } from './pairs.ts';
import { scriptDocument } from './scripts.ts';

/** The content of a YAML file, with members in Postman's order. */
export type Document = Readonly<Record<string, unknown>>;

/** The name of a file or folder on disk, and its number among its siblings. */
export type Position = { readonly fileName: string; readonly order: number };

/** The definition of the collection itself. */
export function collectionDocument(head: CollectionHead, variables: readonly Variable[]): Document {
  return {
    $kind: 'collection',
    ...idMember(head.id),
    name: head.name,
    ...descriptionMember(plainText(head.description)),
    ...(variables.length === 0 ? {} : { variables: collectionVariables(variables) }),
    ...ownerMembers(head),
  };
}

/** The definition of a folder in the collection. */
export function folderDocument(folder: Folder, { fileName, order }: Position): Document {
  const { id, name, description } = folder;
  return {
    $kind: 'collection',
    ...idMember(id),
    ...(fileName === name ? {} : { name }),
    ...descriptionMember(plainText(description)),
    ...ownerMembers(folder),
    order,
  };
}

function idMember(id: string | undefined): Document {
  return id === undefined ? {} : { id };
}

function descriptionMember(description: string | undefined): Document {
  return description === undefined ? {} : { description };
}

/** Scripts and auth of a collection or folder; Postman uses the first of several auth entries. */
function ownerMembers({ id, name, scripts, auth }: CollectionHead | Folder): Document {
  const written = scripts.flatMap((script) => scriptDocument(script, 'http:'));
  return {
    ...(written.length === 0 ? {} : { scripts: written }),
    ...(auth && { auth: [sharedAuth(id ?? name, auth)] }),
  };
}

function sharedAuth(owner: string, auth: Auth): Document {
  const { type } = auth;
  if (type === 'noauth') return { id: '', type, name: 'No Auth' };
  return { id: contentId('auth', owner), type, name: `${type} auth`, ...credentials(auth) };
}

function credentials({ attributes }: Auth): Document {
  const given = attributes.filter(({ value }) => value !== null && value !== undefined);
  if (given.length === 0) return {};
  return { credentials: Object.fromEntries(given.map(({ key, value }) => [key, value])) };
}

/** Facts about an item that are known once all of its examples were read. */
export type RequestEnd = {
  /** The path of the folder with its examples, if it has any. */
  readonly examples?: string | undefined;
  readonly scripts: readonly Script[];
  /** A recorded request is written as JSON: running a `graphql-request` requires an account. */
  readonly recorded: boolean;
};

/** The file of a request. */
export function requestDocument(
  item: Item,
  { fileName, order }: Position,
  { examples, scripts, recorded }: RequestEnd,
): Document {
  const { id, name, request, behavior } = item;
  const body = sentBody(request, behavior);
  const graphql = recorded ? undefined : graphqlMembers(item, body);
  const written = scripts.flatMap((script) => scriptDocument(script));
  const { auth } = request;
  return {
    $kind: graphql ? 'graphql-request' : 'http-request',
    ...idMember(id),
    ...(fileName === name.trim() ? {} : { name }),
    ...descriptionMember(saidOf(item)),
    ...(graphql ?? requestMembers(request, body)),
    ...(auth && { auth: { type: auth.type, ...credentials(auth) } }),
    ...(written.length === 0 ? {} : { scripts: written }),
    ...(graphql ? {} : settingsMember(behavior)),
    ...(examples === undefined ? {} : { examples }),
    order,
  };
}

/**
 * The members of a `graphql-request`, which is a POST without a query and without an operation name. Any other request
 * is written as the JSON that is sent.
 */
function graphqlMembers(
  { request: { method, url, headers } }: Item,
  body: ItemBody | undefined,
): Document | undefined {
  if (body?.mode !== 'graphql' || method !== 'POST' || body.operationName !== undefined)
    return undefined;
  const { query, variables } = body;
  return {
    url: url.raw,
    query,
    ...(variables === undefined ? {} : { variables }),
    ...(headers.length === 0 ? {} : { headers: mapOrList(headers) }),
  };
}

/**
 * The file of an example.
 *
 * @param request the example's request; undefined if unknown
 */
export function exampleDocument(
  example: Example,
  request: ItemRequest | undefined,
  { fileName, order }: Position,
): Document {
  const { id, name, status, code = 200, headers, body } = example;
  return {
    $kind: 'http-example',
    ...idMember(id),
    ...(fileName === name.trim() ? {} : { name }),
    request: request ? requestMembers(request, request.body) : { url: '', method: 'GET' },
    response: {
      statusCode: code,
      statusText: status || STATUS_CODES[code] || '',
      ...(headers.length === 0 ? {} : { headers: mapOrList(headers) }),
      body: { type: answerType(example), content: body ?? '' },
    },
    order,
  };
}

/** The text types of the format; all others are plain. */
const ANSWER_TYPES = new Set(['json', 'xml', 'html', 'javascript', 'yaml']);

function answerType({ body, language = '' }: Example): string {
  return body && ANSWER_TYPES.has(language) ? language : 'text';
}

function requestMembers(
  { url, method, headers }: ItemRequest,
  body: ItemBody | undefined,
): Document {
  const { query = [], variables = [] } = url.parts ?? {};
  return {
    url: url.raw,
    method,
    ...(headers.length === 0 ? {} : { headers: mapOrList(headers) }),
    ...(query.length === 0 ? {} : { queryParams: queryMapOrList(query) }),
    ...(variables.length === 0 ? {} : { pathVariables: pathVariables(variables) }),
    ...(body === undefined || body.disabled || body.mode === 'none' ? {} : { body: sent(body) }),
  };
}

function sent(body: Exclude<ItemBody, { mode: 'none' }>): object {
  return body.mode === 'graphql' ? { type: 'json', content: graphqlText(body) } : bodyOf(body);
}

/** A body is always sent. */
const SETTINGS = [
  'protocolVersion',
  'strictSSL',
  'followRedirects',
  'maxRedirects',
  'followOriginalHttpMethod',
  'followAuthorizationHeader',
  'removeRefererHeaderOnRedirect',
  'disableUrlEncoding',
  'disableCookies',
  'disabledSystemHeaders',
  'tlsPreferServerCiphers',
  'tlsDisabledProtocols',
  'tlsCipherSelection',
];

/** The settings that the format supports; undefined if there are none. */
export function heldSettings(behavior: Members = {}): Members | undefined {
  const held = SETTINGS.filter((name) => behavior[name] !== undefined);
  if (held.length === 0) return undefined;
  return Object.fromEntries(held.map((name) => [name, behavior[name]]));
}

/** Members of an item that are written to its file independently. */
export function itemMembers({ scripts = [], description, auth, behavior }: ItemMembers) {
  const { settings } = settingsMember(behavior) as { settings?: object };
  return {
    description,
    auth: auth && { type: auth.type, ...credentials(auth) },
    settings,
    scripts: scripts.flatMap((script) => scriptDocument(script)),
  };
}

function settingsMember(behavior?: Members): Document {
  const settings = Object.entries(heldSettings(behavior) ?? {}).map(([name, value]) => {
    const isNames = name === 'disabledSystemHeaders' && typeof value === 'object' && value;
    return [name, isNames ? Object.keys(value) : value] as const;
  });
  return settings.length === 0 ? {} : { settings: Object.fromEntries(settings) };
}
