import type { Auth, Item, ItemRequest, Parameter, Script } from '../../collection.ts';
import {
  attributesAt,
  authAt,
  descriptionOf,
  extraOf,
  headerLines,
  headersAt,
  methodOf,
  names,
  optionalObject,
  parametersAt,
  textMember,
  variablesAt,
} from '../../document/fields.ts';
import { splitUrl } from '../../document/url.ts';
import { scriptsAt } from '../../document/v2/item.ts';
import { isObject, type JsonObject, membersBut, textOf } from '../../json/object.ts';
import { bodyAt } from './v1-body.ts';

const ITEM = names(
  'id name description url method headers headerData data rawModeData dataMode dataOptions dataDisabled ' +
    'graphqlModeData queryParams pathVariables pathVariableData auth currentHelper helperAttributes events tests ' +
    'preRequestScript variables protocolProfileBehavior responses responses_order timestamp collectionId collection ' +
    'folder version',
);

/**
 * Reads a request of a collection v1, without its examples.
 *
 * @throws UserError if it is not a request
 */
export function itemAt(saved: JsonObject, path: string): Item {
  const { tests, preRequestScript } = saved as { [name: string]: unknown };
  const behavior = optionalObject(
    saved['protocolProfileBehavior'],
    `${path}.protocolProfileBehavior`,
  );
  const startedAt = timeOf(saved['timestamp']);
  return {
    name: textOf(saved['name']),
    ...textMember('id', saved['id']),
    request: requestAt(saved, path),
    scripts: savedScripts(saved['events'], { tests, preRequestScript }, `${path}.events`),
    variables: variablesAt(saved['variables'], `${path}.variables`),
    ...(behavior && { behavior }),
    ...(startedAt > 0 ? { startedAt } : {}),
    ...extraOf(saved, ITEM),
  };
}

/** Scripts as events, or as texts in older files. */
export function savedScripts(
  events: unknown,
  texts: { readonly tests: unknown; readonly preRequestScript: unknown },
  path: string,
): Script[] {
  const scripts = scriptsAt(events, path);
  if (scripts.length > 0) return scripts;
  const old = [
    { listen: 'prerequest', exec: texts.preRequestScript },
    { listen: 'test', exec: texts.tests },
  ].filter(({ exec }) => exec !== undefined && exec !== null && exec !== '');
  const type = 'text/javascript';
  return scriptsAt(
    old.map(({ listen, exec }) => ({ listen, script: { type, exec } })),
    path,
  );
}

/** PostmanProxy (2013) wrote seconds, the app milliseconds. */
function timeOf(timestamp: unknown): number {
  if (typeof timestamp !== 'number' || !(timestamp > 0)) return 0;
  return Math.round(timestamp < 1e11 ? timestamp * 1000 : timestamp);
}

/** Reads the request of a saved request, or the original request of a response. */
export function requestAt(saved: JsonObject, path: string): ItemRequest {
  const body = bodyAt(saved, path);
  const { auth } = authAt(saved['auth'], `${path}.auth`);
  const asks = auth ?? helperAuth(saved, path);
  return {
    method: methodOf(saved['method']),
    url: urlAt(saved, path),
    headers: savedHeaders(saved, path),
    ...(body && { body }),
    ...(asks && { auth: asks }),
    ...descriptionOf(saved['description']),
  };
}

/** The parts that version 1 stores beside the URL: disabled parameters and path variables. */
function urlAt(saved: JsonObject, path: string): ItemRequest['url'] {
  const raw = textOf(saved['url']);
  const query = parametersAt(saved['queryParams'], `${path}.queryParams`);
  const variables = variablesAt(saved['pathVariableData'], `${path}.pathVariableData`);
  const known = new Set(variables.map(({ key }) => key));
  const older = isObject(saved['pathVariables']) ? Object.entries(saved['pathVariables']) : [];
  const all = [
    ...variables,
    ...older.filter(([key]) => !known.has(key)).map(([key, value]) => ({ key, value })),
  ];
  const isPlain =
    all.length === 0 && query.every(({ disabled, description }) => !disabled && !description);
  if (isPlain) return { raw };
  const { query: _, ...parts } = splitUrl(raw);
  return {
    raw,
    parts: {
      ...parts,
      ...(query.length === 0 ? {} : { query }),
      ...(all.length === 0 ? {} : { variables: all }),
    },
  };
}

/** Merges an array with descriptions and one text with a line for each; either may lack entries of the other. */
function savedHeaders(saved: JsonObject, path: string): Parameter[] {
  const list = headersAt(saved['headerData'], `${path}.headerData`).map(switchedOff);
  const given = saved['headers'];
  if (typeof given !== 'string')
    return list.length > 0 ? list : headersAt(given, `${path}.headers`);
  const known = new Set(list.map(({ key }) => key));
  return [...list, ...headerLines(given).filter(({ key }) => !known.has(key))];
}

/** A name that begins with two slashes is disabled, as in the text. */
function switchedOff(header: Parameter): Parameter {
  const { key } = header;
  if (!key?.startsWith('//')) return header;
  return { ...header, key: key.slice(2).trim(), disabled: true };
}

/** `basicAuth`, `bearerAuth`: the names before `auth` was introduced. */
function helperAuth(saved: JsonObject, path: string): Auth | undefined {
  const helper = textOf(saved['currentHelper']);
  if (helper === '' || helper === 'normal') return undefined;
  const type = OLD_TYPES[helper] ?? helper.replace(/Auth$/, '').toLowerCase();
  const given = parsed(saved['helperAttributes']);
  const attributes = isObject(given)
    ? attributesAt(membersBut(given, names('id')) ?? {}, path)
    : [];
  return { type, attributes };
}

const OLD_TYPES: Readonly<Record<string, string>> = {
  awsSigV4: 'awsv4',
  oAuth1: 'oauth1',
  oAuth2: 'oauth2',
};

/** An object that may be stored as JSON text. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
