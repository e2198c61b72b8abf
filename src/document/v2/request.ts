import type { FormField, ItemBody, ItemRequest, ItemUrl, UrlParts } from '../../collection.ts';
import { isObject, type JsonObject, membersBut, textOf } from '../../json/object.ts';
import {
  authAt,
  descriptionOf,
  disabledOf,
  extraOf,
  headersAt,
  listAt,
  methodOf,
  names,
  objectAt,
  optionalObject,
  parametersAt,
  textMember,
  unexpected,
  variablesAt,
} from '../fields.ts';
import { joinedParts, pairOf } from '../url.ts';

const REQUEST = names('method url header body auth description');

/**
 * Reads a request of a collection v2.0 or v2.1, which may be just a URL.
 *
 * @param path its location, `item[0].request`
 * @throws UserError if it is not a request
 */
export function requestAt(value: unknown, path: string): ItemRequest {
  if (typeof value === 'string') return { method: 'GET', url: { raw: value }, headers: [] };
  const request = objectAt(value, path);
  const body = optionalObject(request['body'], `${path}.body`);
  return {
    method: methodOf(request['method']),
    url: urlAt(request['url'], `${path}.url`),
    headers: headersAt(request['header'], `${path}.header`),
    ...(body && { body: bodyAt(body, `${path}.body`) }),
    ...authAt(request['auth'], `${path}.auth`),
    ...descriptionOf(request['description']),
    ...extraOf(request, REQUEST),
  };
}

const URL_PARTS = names('raw protocol auth host port path query variable hash');

function urlAt(value: unknown, path: string): ItemUrl {
  if (value === undefined || value === null) return { raw: '' };
  if (typeof value === 'string') return { raw: value };
  if (!isObject(value)) throw unexpected(path, 'string', value);
  const { host, port, hash } = value as { [name in 'host' | 'port' | 'hash']?: unknown };
  const auth = optionalObject(value['auth'], `${path}.auth`);
  const { query, variable } = value as { query?: unknown; variable?: unknown };
  const parts: UrlParts = {
    ...textMember('protocol', textOf(value['protocol']).split(/[:/]/, 1)[0]),
    ...(auth && { auth }),
    ...(host == null ? {} : { host: Array.isArray(host) ? host.map(textOf) : [textOf(host)] }),
    ...textMember('port', port),
    ...(value['path'] == null ? {} : { path: segmentsOf(value['path']) }),
    ...(query == null ? {} : { query: queryAt(query, `${path}.query`) }),
    ...(variable == null ? {} : { variables: variablesAt(variable, `${path}.variable`) }),
    ...(hash == null ? {} : { hash: textOf(hash) }),
    ...extraOf(value, URL_PARTS),
  };
  const raw = textOf(value['raw']);
  return { raw: raw === '' ? joinedParts(parts) : raw, parts };
}

/** Segments may be objects with a value (v2.1, `path`). */
function segmentsOf(path: unknown): string[] {
  if (!Array.isArray(path)) return textOf(path).replace(/^\//, '').split('/');
  return path.map((segment) => textOf(isObject(segment) ? segment['value'] : segment));
}

function queryAt(query: unknown, path: string) {
  if (typeof query !== 'string') return parametersAt(query, path);
  return query.split('&').map(pairOf);
}

function bodyAt(body: JsonObject, path: string): ItemBody {
  const mode = textOf(body['mode']);
  const options = optionalObject(body['options'], `${path}.options`);
  const read = modeAt(mode, body, path);
  const language = isObject(options?.['raw']) ? textOf(options['raw']['language']) : '';
  const left = mode === 'raw' && options ? optionsWithoutLanguage(options) : options;
  // Bodies of other modes may remain from before the mode was changed.
  const { extra } = extraOf(body, new Set(['mode', 'options', 'disabled', read.mode]));
  return {
    ...read,
    ...(read.mode === 'raw' && language !== '' ? { language } : {}),
    ...disabledOf(body),
    ...(left && { options: left }),
    ...(extra && { extra: read.mode === 'none' && mode !== '' ? { mode, ...extra } : extra }),
  };
}

function optionsWithoutLanguage(options: JsonObject): JsonObject | undefined {
  const raw = isObject(options['raw']) ? membersBut(options['raw'], names('language')) : undefined;
  const rest = membersBut(options, names('raw'));
  return raw || rest ? { ...rest, ...(raw && { raw }) } : undefined;
}

function modeAt(mode: string, body: JsonObject, path: string): ItemBody {
  const value = body[mode];
  switch (mode) {
    case 'raw':
      return { mode, text: textOf(value) };
    case 'urlencoded':
      return {
        mode,
        fields:
          typeof value === 'string'
            ? [...new URLSearchParams(value)].map(([key, text]) => ({ key, value: text }))
            : parametersAt(value, `${path}.${mode}`),
      };
    case 'formdata':
      return { mode, fields: formFieldsAt(value, `${path}.${mode}`) };
    case 'file': {
      const src = isObject(value) ? value['src'] : value;
      return { mode, src: src == null ? null : textOf(src) };
    }
    case 'graphql': {
      const graphql = optionalObject(value, `${path}.${mode}`) ?? {};
      return {
        mode,
        query: textOf(graphql['query']),
        ...textMember('operationName', graphql['operationName']),
        ...textMember('variables', graphql['variables']),
      };
    }
    default:
      return { mode: 'none' };
  }
}

const FORM_FIELD = names('type src contentType fileName');

/** The parts of a multipart form. */
export function formFieldsAt(value: unknown, path: string): FormField[] {
  const fields = listAt(value, path).filter((entry) => entry !== null);
  return fields.map((entry, at): FormField => {
    const field = objectAt(entry, `${path}[${at}]`);
    const [parameter] = parametersAt([membersBut(field, FORM_FIELD) ?? {}], path);
    const { src, contentType, fileName } = field as { [name: string]: unknown };
    const isFile = field['type'] === 'file';
    return {
      ...(parameter ?? { key: '', value: '' }),
      type: isFile ? 'file' : 'text',
      ...(isFile ? { src: sourceOf(src) } : {}),
      ...textMember('contentType', contentType),
      ...(typeof fileName === 'string' ? { fileName } : {}),
    };
  });
}

function sourceOf(src: unknown): string | readonly string[] | null {
  if (Array.isArray(src)) return src.filter((name) => typeof name === 'string');
  return typeof src === 'string' ? src : null;
}
