import type { WrittenAuth } from '../../collection/auth.ts';
import { contentId } from '../../collection/identifiers.ts';
import { graphqlText } from '../postman-model/graphql-text.ts';
import type { ItemHead } from '../postman-model/item.ts';
import type {
  Behavior,
  CollectionInfo,
  Example,
  FolderHead,
  ItemRequest,
  Variable,
} from '../postman-model/schema.ts';
import { bodyOf } from './body.ts';
import { mapOrList, queryMapOrList } from './pairs.ts';

/** What stands in a YAML file, its members in the order in which Postman writes them. */
export type Document = Readonly<Record<string, unknown>>;

/** A file or folder by what it is called on disk, and its number among its neighbours. */
export type Position = { readonly fileName: string; readonly order: number };

/** The definition of the collection itself. */
export function collectionDocument(
  { _postman_id: id, name, description }: CollectionInfo,
  variables: readonly Variable[],
  auth: WrittenAuth | undefined,
): Document {
  return {
    $kind: 'collection',
    id,
    name,
    ...(description === undefined ? {} : { description }),
    ...(variables.length === 0 ? {} : { variables: mapOrList(variables) }),
    ...(auth === undefined ? {} : { auth: authDocument(id, auth) }),
  };
}

/** The definition of a folder in the collection. */
export function folderDocument(
  { id, name, description }: FolderHead,
  { fileName, order }: Position,
  auth: WrittenAuth | undefined,
): Document {
  return {
    $kind: 'collection',
    id,
    ...(fileName === name ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(auth === undefined ? {} : { auth: authDocument(id, auth) }),
    order,
  };
}

/** A list of one, of which Postman chooses the first. */
function authDocument(owner: string, { type, attributes }: WrittenAuth): Document[] {
  const credentials = mapOrList(attributes.map(([key, value]) => ({ key, value })));
  return [{ id: contentId('auth', owner), type, name: `${type} auth`, credentials }];
}

/** What is known of an item when all of its examples have come. */
export type RequestEnd = {
  /** The path of the folder with its examples, where there are any. */
  readonly examples?: string | undefined;
  /** The lines of what runs after it. */
  readonly script?: readonly string[] | undefined;
};

export function requestDocument(
  { id, name, description, request, behavior }: ItemHead,
  { fileName, order }: Position,
  { examples, script }: RequestEnd,
): Document {
  return {
    $kind: 'http-request',
    id,
    ...(fileName === name.trim() ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...requestMembers(request),
    ...(request.auth === undefined ? {} : { auth: request.auth }),
    ...(script === undefined ? {} : { scripts: [afterResponse(script)] }),
    ...settingsMember(behavior),
    ...(examples === undefined ? {} : { examples }),
    order,
  };
}

function afterResponse(lines: readonly string[]): Document {
  return { type: 'afterResponse', code: lines.join('\n'), language: 'text/javascript' };
}

/** @param request what was asked */
export function exampleDocument(
  example: Omit<Example, 'originalRequest'>,
  request: ItemRequest,
  { fileName, order }: Position,
): Document {
  const { id, name, status, code, header, body } = example;
  return {
    $kind: 'http-example',
    id,
    ...(fileName === name.trim() ? {} : { name }),
    request: requestMembers(request),
    response: {
      statusCode: code,
      statusText: status,
      ...(header.length === 0 ? {} : { headers: mapOrList(header) }),
      body: { type: answerType(example), content: body ?? '' },
    },
    order,
  };
}

/** The kinds of text that the format knows; everything else is plain. */
const ANSWER_TYPES = new Set(['json', 'xml', 'html', 'javascript', 'yaml']);

function answerType({
  body,
  _postman_previewlanguage: language,
}: Omit<Example, 'originalRequest'>): string {
  return body && ANSWER_TYPES.has(language) ? language : 'text';
}

/** A GraphQL call is written as the JSON that it is: nobody runs a `graphql-request` without an account. */
function requestMembers({ url, method, header, body: given }: ItemRequest): Document {
  const body =
    given?.mode === 'graphql'
      ? { type: 'json', content: graphqlText(given.graphql) }
      : given && bodyOf(given);
  const { query, variable } = url;
  return {
    url: url.raw,
    method,
    ...(header.length === 0 ? {} : { headers: mapOrList(header) }),
    ...(query === undefined ? {} : { queryParams: queryMapOrList(query) }),
    ...(variable === undefined ? {} : { pathVariables: mapOrList(variable) }),
    ...(body === undefined ? {} : { body }),
  };
}

function settingsMember(behavior: Behavior | undefined): Document {
  // A body is always sent.
  const { followRedirects, disableUrlEncoding, disableCookies, disabledSystemHeaders } =
    behavior ?? {};
  const settings = {
    ...(followRedirects === undefined ? {} : { followRedirects }),
    ...(disableUrlEncoding === undefined ? {} : { disableUrlEncoding }),
    ...(disableCookies === undefined ? {} : { disableCookies }),
    ...(disabledSystemHeaders === undefined
      ? {}
      : { disabledSystemHeaders: Object.keys(disabledSystemHeaders) }),
  };
  return Object.keys(settings).length === 0 ? {} : { settings };
}
