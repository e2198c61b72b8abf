import type {
  Auth,
  Example,
  Item,
  ItemBody,
  ItemRequest,
  Parameter,
  Script,
} from '../../collection.ts';
import {
  attributesAt,
  authAt,
  descriptionOf,
  durationOf,
  extraOf,
  headerLines,
  headersAt,
  listAt,
  methodOf,
  names,
  objectAt,
  optionalObject,
  parametersAt,
  textMember,
  variablesAt,
} from '../../document/fields.ts';
import { splitUrl } from '../../document/url.ts';
import { scriptsAt } from '../../document/v2/item.ts';
import { formFieldsAt } from '../../document/v2/request.ts';
import { isObject, type JsonObject, membersBut, textOf } from '../../json/object.ts';
import { attempted, type OnFault } from '../input.ts';

const ITEM = names(
  'id name description url method headers headerData data rawModeData dataMode dataOptions dataDisabled ' +
    'graphqlModeData queryParams pathVariables pathVariableData auth currentHelper helperAttributes events tests ' +
    'preRequestScript variables protocolProfileBehavior responses responses_order timestamp collectionId collection ' +
    'folder version',
);

/**
 * Reads a request of a collection v1, without its examples.
 *
 * @throws UserError when it is none
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

/** Scripts as events, or as texts before there were any. */
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

/** PostmanProxy (2013) counted seconds, the app milliseconds. */
function timeOf(timestamp: unknown): number {
  if (typeof timestamp !== 'number' || !(timestamp > 0)) return 0;
  return Math.round(timestamp < 1e11 ? timestamp * 1000 : timestamp);
}

function requestAt(saved: JsonObject, path: string): ItemRequest {
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

/** The parts that version 1 names beside the URL: parameters that are switched off, and variables of the path. */
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

/** A list with descriptions, and one text with a line for each; what only the text has counts too. */
function savedHeaders(saved: JsonObject, path: string): Parameter[] {
  const list = headersAt(saved['headerData'], `${path}.headerData`);
  const given = saved['headers'];
  if (typeof given !== 'string')
    return list.length > 0 ? list : headersAt(given, `${path}.headers`);
  const known = new Set(list.map(({ key }) => key));
  return [...list, ...headerLines(given).filter(({ key }) => !known.has(key))];
}

/** `basicAuth`, `bearerAuth`: what auth was called before there was `auth`. */
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

/** An object that may be saved as JSON in a text. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function bodyAt(saved: JsonObject, path: string): ItemBody | undefined {
  const options = optionalObject(saved['dataOptions'], `${path}.dataOptions`) ?? {};
  const read = modeAt(saved, path);
  if (read === undefined) return undefined;
  const raw = isObject(options['raw']) ? options['raw'] : {};
  const left =
    read.mode === 'raw' ? membersBut(options, names('raw')) : membersBut(options, names(''));
  return {
    ...read,
    ...(read.mode === 'raw' ? textMember('language', raw['language']) : {}),
    ...(saved['dataDisabled'] === true ? { disabled: true } : {}),
    ...(left && { options: left }),
  };
}

function modeAt(saved: JsonObject, path: string): ItemBody | undefined {
  const { data, rawModeData, graphqlModeData } = saved as { [name: string]: unknown };
  const [text] = [rawModeData].flat();
  switch (modeOf(saved)) {
    case 'raw': {
      const raw = typeof text === 'string' && text !== '' ? text : data;
      return { mode: 'raw', text: typeof raw === 'string' ? raw : '' };
    }
    case 'urlencoded':
      return { mode: 'urlencoded', fields: parametersAt(data ?? [], `${path}.data`) };
    case 'params': {
      const fields = listAt(data, `${path}.data`).map((field) => withSource(field));
      // PostmanProxy (2013) writes an empty form where there is no body.
      return fields.length === 0
        ? undefined
        : { mode: 'formdata', fields: formFieldsAt(fields, `${path}.data`) };
    }
    case 'binary':
      return { mode: 'file', src: typeof text === 'string' && text !== '' ? text : null };
    case 'graphql': {
      const graphql = optionalObject(graphqlModeData, `${path}.graphqlModeData`) ?? {};
      return {
        mode: 'graphql',
        query: textOf(graphql['query']),
        ...textMember('operationName', graphql['operationName']),
        ...textMember('variables', graphql['variables']),
      };
    }
    default:
      return undefined;
  }
}

/** Where no mode is named, what is there tells it, as Postman's own converter has it. */
function modeOf({ dataMode, data, rawModeData }: JsonObject): string {
  if (dataMode === null) return '';
  if (dataMode !== undefined) return textOf(dataMode);
  if (typeof rawModeData === 'string' && rawModeData !== '') return 'raw';
  if (typeof data === 'string' && data !== '') return 'raw';
  return Array.isArray(data) && data.length > 0 ? 'params' : '';
}

/** Version 1 has the names of files under `value`, and an empty name where nobody chose one. */
function withSource(field: unknown): unknown {
  if (!isObject(field) || field['type'] !== 'file' || field['src'] !== undefined) return field;
  const value = field['value'] === '' ? [] : field['value'];
  return { ...membersBut(field, names('value')), src: value };
}

/** The saved responses of a request, in their order. */
export function examplesAt(saved: unknown, path: string, onFault: OnFault): Example[] {
  if (!isObject(saved)) return [];
  const list = attempted(() => listAt(saved['responses'], `${path}.responses`), onFault) ?? [];
  const read = list.flatMap((given, at): Example[] => {
    if (given === null) return [];
    const place = `${path}.responses[${at}]`;
    return attempted(() => [exampleAt(objectAt(given, place), place)], onFault) ?? [];
  });
  const order = saved['responses_order'];
  if (!Array.isArray(order)) return read;
  const placeOf = ({ id }: Example) => {
    const at = order.indexOf(id);
    return at < 0 ? order.length : at;
  };
  return read.sort((a, b) => placeOf(a) - placeOf(b));
}

function exampleAt(response: JsonObject, path: string): Example {
  const { requestObject, request, responseCode, text } = response as { [name: string]: unknown };
  // What was asked is an object, JSON in a text, or not known.
  const asked = parsed(requestObject) ?? parsed(request);
  const code = isObject(responseCode) ? responseCode : {};
  const cookies = listAt(response['cookies'], `${path}.cookies`);
  const status = Number(code['code']);
  return {
    name: textOf(response['name']),
    ...textMember('id', response['id']),
    ...(isObject(asked) ? { request: requestAt(asked, `${path}.request`) } : {}),
    status: textOf(code['name']),
    ...(Number.isInteger(status) && status > 0 ? { code: status } : {}),
    headers: headersAt(response['headers'], `${path}.headers`),
    ...(text === undefined ? {} : { body: text === null ? null : textOf(text) }),
    ...textMember('language', response['language']),
    ...(cookies.length === 0 ? {} : { cookies }),
    ...durationOf(response['time']),
  };
}
