import type { Example, Item, ItemBody, ItemRequest, Members } from '../../collection.ts';
import { isObject, type JsonObject, textOf } from '../../json/object.ts';
import {
  descriptionOf,
  durationOf,
  extraOf,
  headersAt,
  methodOf,
  names,
  objectAt,
  optionalObject,
  parametersAt,
  textMember,
  variablesAt,
} from '../fields.ts';
import { isPruned } from '../sent.ts';
import { splitUrl } from '../url.ts';
import { formFieldsAt } from '../v2/request.ts';
import { authMember, kindOf, nameOf, scriptsAt } from './folder.ts';

const ITEM = names(
  '$kind id name description url method headers queryParams pathVariables body query operationName variables auth ' +
    'scripts settings examples order',
);

/**
 * Reads the file of a request.
 *
 * @param fileName default if the document has no name
 * @throws UserError if it is not a request
 */
export function itemAt(document: JsonObject, fileName: string): Item {
  const request = requestAt(document, '');
  const settings = optionalObject(document['settings'], 'settings');
  const behavior = behaviorOf(settings, request);
  return {
    name: nameOf(document, fileName),
    ...textMember('id', document['id']),
    request: { ...request, ...descriptionOf(document['description']) },
    scripts: scriptsAt(document['scripts'], 'scripts'),
    variables: [],
    ...(behavior && { behavior }),
    ...extraOf(document, ITEM),
  };
}

/** The format has a list of names where v2 has an object, and sends every body. */
function behaviorOf(settings: JsonObject = {}, request: ItemRequest): Members | undefined {
  const { disabledSystemHeaders: headers, ...rest } = settings as { [name: string]: unknown };
  const behavior = {
    ...(request.body && isPruned(request.method) ? { disableBodyPruning: true } : {}),
    ...rest,
    ...(headers === undefined
      ? {}
      : {
          disabledSystemHeaders: Array.isArray(headers)
            ? Object.fromEntries(headers.map((name) => [textOf(name), true]))
            : headers,
        }),
  };
  return Object.keys(behavior).length === 0 ? undefined : behavior;
}

/** @param prefix of locations in messages: `request.` in an example */
function requestAt(document: JsonObject, prefix: string): ItemRequest {
  const isGraphql = kindOf(document) === 'graphql-request';
  const given = document['method'];
  const body = isGraphql ? graphqlOf(document) : bodyAt(document['body'], `${prefix}body`);
  return {
    method: given === undefined && isGraphql ? 'POST' : methodOf(given),
    url: urlAt(document, prefix),
    headers: headersAt(document['headers'], `${prefix}headers`),
    ...(body && { body }),
    ...authMember(document['auth'], `${prefix}auth`),
  };
}

/**
 * The URL, with the parts stored beside it.
 *
 * @param prefix of locations in messages
 */
export function urlAt(document: JsonObject, prefix: string): ItemRequest['url'] {
  const raw = textOf(document['url']);
  const query = parametersAt(document['queryParams'], `${prefix}queryParams`);
  const variables = variablesAt(document['pathVariables'], `${prefix}pathVariables`);
  if (query.length === 0 && variables.length === 0) return { raw };
  const { query: _, ...parts } = splitUrl(raw);
  return {
    raw,
    parts: {
      ...parts,
      ...(query.length === 0 ? {} : { query }),
      ...(variables.length === 0 ? {} : { variables }),
    },
  };
}

function graphqlOf(document: JsonObject): ItemBody {
  return {
    mode: 'graphql',
    query: textOf(document['query']),
    ...textMember('operationName', document['operationName']),
    ...textMember('variables', document['variables']),
  };
}

const LANGUAGES = new Set(['json', 'xml', 'html', 'javascript', 'graphql']);

function bodyAt(value: unknown, path: string): ItemBody | undefined {
  const body = optionalObject(value, path);
  const type = textOf(body?.['type']);
  if (body === undefined || type === '' || type === 'none') return undefined;
  const content = body['content'];
  switch (type) {
    case 'urlencoded':
      return { mode: type, fields: parametersAt(content ?? [], `${path}.content`) };
    case 'formdata':
      return { mode: type, fields: formFieldsAt(content ?? [], `${path}.content`) };
    case 'file': {
      const src = isObject(content) ? content['src'] : undefined;
      return { mode: type, src: typeof src === 'string' && src !== '' ? src : null };
    }
    default:
      return {
        mode: 'raw',
        text: textOf(content),
        ...(LANGUAGES.has(type) ? { language: type } : {}),
      };
  }
}

const EXAMPLE = names('$kind id name request response order');

/**
 * Reads the file of an example.
 *
 * @param fileName default if the document has no name
 * @throws UserError if it is not an example
 */
export function exampleAt(document: JsonObject, fileName: string): Example {
  const asked = optionalObject(document['request'], 'request');
  const response = objectAt(document['response'] ?? {}, 'response');
  const body = optionalObject(response['body'], 'response.body');
  const status = Number(response['statusCode']);
  return {
    name: nameOf(document, fileName),
    ...textMember('id', document['id']),
    // Without a URL, the original request is unknown.
    ...(asked && textOf(asked['url']) !== '' ? { request: requestAt(asked, 'request.') } : {}),
    status: textOf(response['statusText']),
    ...(Number.isInteger(status) && status > 0 ? { code: status } : {}),
    headers: headersAt(response['headers'], 'response.headers'),
    ...(body === undefined ? {} : { body: textOf(body['content']), ...languageOf(body) }),
    ...durationOf(response['responseTime']),
    ...extraOf(document, EXAMPLE),
  };
}

function languageOf(body: JsonObject): { language?: string } {
  return body['type'] === 'text' ? {} : textMember('language', body['type']);
}
