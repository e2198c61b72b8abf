import { graphqlText } from '../../document/graphql-text.ts';
import { isObject, type JsonObject, objectsOf, textAt } from '../../json/object.ts';

/** Pairs as a list, which the format has as a map where it can. */
export function pairsIn(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject);
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, member]) => ({ key, value: member ?? '' }));
}

/** Whether who asks is said: of a list, which collections and folders have, the first counts. */
export function authIn(document: JsonObject): { auth?: JsonObject } {
  const [auth] = [document['auth']].flat();
  return isObject(auth) ? { auth } : {};
}

/** Scripts of a collection or folder by the events that they listen to. */
export function scriptsIn(document: JsonObject): JsonObject[] {
  return objectsOf(document, 'scripts').map((script) => ({
    listen: textAt(script, 'type').endsWith('beforeRequest') ? 'prerequest' : 'test',
    script: { exec: textAt(script, 'code') },
  }));
}

/** A request of a collection v3 as version 2.1 has it, as far as it tells requests apart. */
export function requestJson(document: JsonObject): JsonObject {
  const isGraphql = document['$kind'] === 'graphql-request';
  return {
    method: textAt(document, 'method') || (isGraphql ? 'POST' : 'GET'),
    url: { raw: textAt(document, 'url'), variable: pairsIn(document['pathVariables']) },
    header: pairsIn(document['headers']),
    body: isGraphql ? graphqlBody(document) : bodyJson(document['body']),
    ...authIn(document),
  };
}

function graphqlBody(document: JsonObject): JsonObject {
  const query = textAt(document, 'query');
  const variables = textAt(document, 'variables');
  const graphql = { query, ...(variables === '' ? {} : { variables }) };
  return { mode: 'raw', raw: graphqlText(graphql) };
}

function bodyJson(body: unknown): JsonObject | undefined {
  if (!isObject(body)) return undefined;
  const { type, content } = body;
  switch (type) {
    case 'urlencoded':
      return { mode: 'urlencoded', urlencoded: pairsIn(content) };
    case 'formdata':
      return { mode: 'formdata', formdata: pairsIn(content) };
    case 'file':
      return { mode: 'file', file: isObject(content) ? content : {} };
    default:
      return { mode: 'raw', raw: content };
  }
}

/** An example as version 2.1 has it, as far as it tells answers apart. */
export function exampleJson(document: JsonObject, fileName: string): JsonObject {
  const response = isObject(document['response']) ? document['response'] : {};
  const body = isObject(response['body']) ? response['body'] : {};
  return {
    id: textAt(document, 'id'),
    name: textAt(document, 'name') || fileName,
    code: response['statusCode'],
    header: pairsIn(response['headers']),
    body: textAt(body, 'content'),
  };
}

/** The same entries with GraphQL calls as the JSON that they are, as they are written in a collection v3. */
export function withoutGraphql(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutGraphql);
  if (!isObject(value)) return value;
  const graphql = value['mode'] === 'graphql' ? value['graphql'] : undefined;
  if (isObject(graphql)) {
    const text = graphqlText({
      query: textAt(graphql, 'query'),
      ...optionalText(graphql, 'operationName'),
      ...optionalText(graphql, 'variables'),
    });
    return { mode: 'raw', raw: text, options: { raw: { language: 'json' } } };
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutGraphql(member)]),
  );
}

function optionalText(value: JsonObject, name: string): Record<string, string> {
  return textAt(value, name) === '' ? {} : { [name]: textAt(value, name) };
}
