import type {
  Auth,
  Family,
  FormField,
  ItemBody,
  ItemRequest,
  ItemUrl,
  Members,
  Parameter,
  Script,
  Variable,
} from '../../collection.ts';
import { jsonAt } from '../../json/indented.ts';
import type { JsonObject } from '../../json/object.ts';

/** How to write a collection v2. */
export type V2Form = {
  /** In 2.0 the attributes of an auth helper are an object, in 2.1 an array. */
  readonly version: '2.0.0' | '2.1.0';
  /** The origin of `extra`; `extra` from another family is not written. */
  readonly family: Family;
};

const V21: V2Form = { version: '2.1.0', family: 'v2' };

/** The depth of a request in an item of a collection without folders. */
export const requestDepth = 3;

const texts = new WeakMap<ItemRequest, string>();

/**
 * A request as JSON of version 2.1 at `requestDepth`, without its description. Ids are derived from it and it is written
 * several times, so each request is serialized once.
 */
export function requestText(request: ItemRequest): string {
  const known = texts.get(request);
  if (known !== undefined) return known;
  const text = jsonAt(requestDepth, requestJson(request, V21));
  texts.set(request, text);
  return text;
}

/** A request as JSON of a collection v2, without its description. */
export function requestJson(request: ItemRequest, form: V2Form): JsonObject {
  const { method, headers, body, url, auth } = request;
  return {
    method,
    header: headers.map((header) => parameterJson(header, form)),
    ...(body && { body: bodyJson(body, form) }),
    url: urlJson(url, form),
    ...(auth && { auth: authJson(auth, form) }),
    ...extraIn(request, form),
  };
}

/** Unread members, if the format belongs to the family that they came from. */
export function extraIn({ extra }: { readonly extra?: Members }, { family }: V2Form): Members {
  return family === 'v2' && extra !== undefined ? extra : {};
}

/** A header, parameter or field. */
export function parameterJson(parameter: Parameter, form: V2Form): JsonObject {
  const { key, value } = parameter;
  return { key, value, ...extraIn(parameter, form), ...switchJson(parameter) };
}

function switchJson({ disabled, description }: Pick<Parameter, 'disabled' | 'description'>) {
  return {
    ...(description === undefined ? {} : { description }),
    ...(disabled ? { disabled } : {}),
  };
}

/** A variable of a collection, a folder, an item or a path. */
export function variableJson(variable: Variable, form: V2Form): JsonObject {
  const { key, value, type } = variable;
  return {
    key,
    value,
    ...(type === undefined ? {} : { type }),
    ...extraIn(variable, form),
    ...switchJson(variable),
  };
}

function urlJson({ raw, parts }: ItemUrl, form: V2Form): unknown {
  if (parts === undefined) return raw;
  const { protocol, auth, host, port, path, query, variables, hash } = parts;
  return {
    raw,
    ...(protocol === undefined ? {} : { protocol }),
    ...(auth && { auth }),
    ...(host && { host }),
    ...(port === undefined ? {} : { port }),
    ...(path && { path }),
    ...(query && { query: query.map((parameter) => parameterJson(parameter, form)) }),
    ...(hash === undefined ? {} : { hash }),
    ...(variables && { variable: variables.map((variable) => variableJson(variable, form)) }),
    ...extraIn(parts, form),
  };
}

function bodyJson(body: ItemBody, form: V2Form): JsonObject {
  const options = optionsOf(body);
  return {
    ...(body.mode === 'none' ? {} : { mode: body.mode, [body.mode]: contentJson(body, form) }),
    ...(options && { options }),
    ...(body.disabled ? { disabled: true } : {}),
    ...extraIn(body, form),
  };
}

function optionsOf(body: ItemBody): Members | undefined {
  const { options } = body;
  if (body.mode !== 'raw' || body.language === undefined) return options;
  const { language } = body;
  return { ...options, raw: { ...(options?.['raw'] as Members | undefined), language } };
}

function contentJson(body: ItemBody, form: V2Form): unknown {
  switch (body.mode) {
    case 'raw':
      return body.text;
    case 'urlencoded':
      return body.fields.map((field) => parameterJson(field, form));
    case 'formdata':
      return body.fields.map((field) => formFieldJson(field, form));
    case 'file':
      return { src: body.src };
    case 'graphql': {
      const { query, operationName, variables } = body;
      return {
        query,
        ...(operationName === undefined ? {} : { operationName }),
        ...(variables === undefined ? {} : { variables }),
      };
    }
    case 'none':
      return undefined;
  }
}

function formFieldJson(field: FormField, form: V2Form): JsonObject {
  const { key, value, type, src = null, fileName, contentType } = field;
  return {
    key,
    ...(type === 'text' ? { value, type } : { type, src }),
    ...(fileName === undefined ? {} : { fileName }),
    ...(contentType === undefined ? {} : { contentType }),
    ...extraIn(field, form),
    ...switchJson(field),
  };
}

/** An auth helper. */
export function authJson(auth: Auth, form: V2Form): JsonObject {
  const { type, attributes } = auth;
  const written =
    form.version === '2.0.0'
      ? Object.fromEntries(attributes.map(({ key, value }) => [key, value]))
      : attributes.map(({ key, value, type: kind }) => ({
          key,
          value,
          ...(kind === undefined ? {} : { type: kind }),
        }));
  const isEmpty = type === 'noauth' && attributes.length === 0;
  return { type, ...(isEmpty ? {} : { [type]: written }), ...extraIn(auth, form) };
}

/** A script with its event. */
export function scriptJson(given: Script, form: V2Form): JsonObject {
  const { listen, code, type, disabled, script } = given;
  const own = form.family === 'v2' ? script : undefined;
  return {
    listen,
    script: { ...own, ...(type === undefined ? {} : { type }), exec: code.split('\n') },
    ...(disabled ? { disabled } : {}),
    ...extraIn(given, form),
  };
}
