import type { Auth, Folder, Script } from '../../collection.ts';
import { isObject, type JsonObject, textOf } from '../../json/object.ts';
import {
  attributesAt,
  descriptionOf,
  extraOf,
  listAt,
  names,
  objectAt,
  textMember,
  variablesAt,
} from '../fields.ts';

const FOLDER = names('$kind id name description variables scripts auth order');

/**
 * Reads the definition of a collection or folder.
 *
 * @param fileName the name to use if the definition has none
 */
export function folderAt(definition: JsonObject, fileName: string): Folder {
  return {
    name: nameOf(definition, fileName),
    ...textMember('id', definition['id']),
    ...descriptionOf(definition['description']),
    ...authMember(definition['auth'], 'auth'),
    scripts: scriptsAt(definition['scripts'], 'scripts'),
    variables: variablesAt(definition['variables'], 'variables'),
    ...extraOf(definition, FOLDER),
  };
}

/** The name in a document, which may be empty, or the file name. */
export function nameOf(document: JsonObject, fileName: string): string {
  return document['name'] === undefined ? fileName : textOf(document['name']);
}

/** The auth; in a list, as in collections and folders, the first entry counts. */
export function authMember(value: unknown, path: string): { auth?: Auth } {
  const [given] = [value].flat();
  if (!isObject(given)) return {};
  const type = textOf(given['type']);
  if (type === '') return {};
  const attributes = attributesAt(given['credentials'] ?? given[type], `${path}.credentials`);
  return { auth: { type, attributes } };
}

const LISTENS: Readonly<Record<string, string>> = {
  beforeRequest: 'prerequest',
  afterResponse: 'test',
};

/** Scripts; folders write `http:beforeRequest` for `beforeRequest`. */
export function scriptsAt(value: unknown, path: string): Script[] {
  return listAt(value, path).map((entry, at): Script => {
    const script = objectAt(entry, `${path}[${at}]`);
    const type = textOf(script['type']).replace(/^http:/, '');
    return {
      listen: LISTENS[type] ?? type,
      code: textOf(script['code']),
      ...textMember('type', script['language']),
    };
  });
}

const HTTP_KINDS = new Set(['http-request', 'graphql-request', '']);

/** The kind of a document, from its `$kind`. */
export function kindOf(document: JsonObject): string {
  return textOf(document['$kind']);
}

/** Whether a document is a WebSocket. */
export function isSocket(document: JsonObject): boolean {
  return kindOf(document) === 'websocket-request';
}

/** Whether a document is an HTTP request. */
export function isHttp(document: JsonObject): boolean {
  return HTTP_KINDS.has(kindOf(document));
}
