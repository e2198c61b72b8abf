import type {
  Auth,
  AuthAttribute,
  Description,
  Members,
  Parameter,
  Variable,
} from '../collection.ts';
import { UserError } from '../errors.ts';
import { typeFault } from '../json/fault.ts';
import { isObject, type JsonObject, membersBut, textOf } from '../json/object.ts';

// What collections of all versions share. People also write them by hand: a number is read as text, null as a
// missing value.

/** The members of an object that pmproxy reads; the others become `extra`. */
export function names(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/** The members that pmproxy does not read, as `extra`. */
export function extraOf(value: JsonObject, known: ReadonlySet<string>): { extra?: Members } {
  const extra = membersBut(value, known);
  return extra === undefined ? {} : { extra };
}

/** @throws UserError, which names the location, if the value is not an object */
export function objectAt(value: unknown, path: string): JsonObject {
  if (isObject(value)) return value;
  throw unexpected(path, 'object', value);
}

/** An optional array. @throws UserError for any other type */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw unexpected(path, 'array', value);
}

/** An optional object. @throws UserError for any other type */
export function optionalObject(value: unknown, path: string): JsonObject | undefined {
  return value === undefined || value === null ? undefined : objectAt(value, path);
}

/** The error for a value of an unexpected type. */
export function unexpected(path: string, wanted: string, value: unknown): UserError {
  if (value === undefined) return new UserError(`${path} is missing.`);
  const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return new UserError(`${path} ${typeFault(wanted, found)}.`);
}

/** An optional text member; nothing if the text is empty. */
export function textMember<Name extends string>(
  name: Name,
  value: unknown,
): { [key in Name]?: string } {
  const text = textOf(value);
  return text === '' ? {} : ({ [name]: text } as { [key in Name]?: string });
}

/** A description, which may be an object with its type. */
export function descriptionOf(value: unknown): { description?: Description } {
  if (isObject(value)) {
    const content = textOf(value['content']);
    const isPlain = Object.entries(value).every(
      ([name, member]) => name === 'content' || (name === 'type' && member === 'text/markdown'),
    );
    if (isPlain) return content === '' ? {} : { description: content };
    return { description: { ...value, content } };
  }
  return textMember('description', value);
}

/** Disabled in v2 and v3 by `disabled: true`, in v1 also by `enabled: false`. */
export function disabledOf(value: JsonObject): { disabled?: true } {
  return value['disabled'] === true || value['enabled'] === false ? { disabled: true } : {};
}

const PARAMETER = names('key value disabled enabled description');

/** Headers, parameters or fields: an array of `{key, value}`, or a map in newer formats. */
export function parametersAt(value: unknown, path: string): Parameter[] {
  if (isObject(value)) {
    return Object.entries(value).map(([key, member]) => ({ key, value: nullableText(member) }));
  }
  return listAt(value, path).flatMap((entry, at) =>
    // Postman exports gaps in an array as null.
    entry === null ? [] : [parameterOf(objectAt(entry, `${path}[${at}]`))],
  );
}

function parameterOf(entry: JsonObject): Parameter {
  return {
    key: entry['key'] === null ? null : textOf(entry['key']),
    value: nullableText(entry['value']),
    ...disabledOf(entry),
    ...descriptionOf(entry['description']),
    ...extraOf(entry, PARAMETER),
  };
}

function nullableText(value: unknown): string | null {
  return value === null || value === undefined ? null : textOf(value);
}

/** Headers: an array, a map, or one text with a line for each. Values are never null. */
export function headersAt(value: unknown, path: string): Parameter[] {
  const list = typeof value === 'string' ? headerLines(value) : parametersAt(value, path);
  return list
    .filter(({ key }) => key !== null && key !== '')
    .map((header) => ({ ...header, value: header.value ?? '' }));
}

/** `Name: value` on each line; lines that begin with `//` are disabled. */
export function headerLines(lines: string): Parameter[] {
  return lines.split('\n').flatMap((line): Parameter[] => {
    const disabled = line.startsWith('//');
    const text = disabled ? line.slice(2) : line;
    const colon = text.indexOf(':');
    if (colon < 1) return [];
    const key = text.slice(0, colon).trim();
    const value = text.slice(colon + 1).trim();
    return [disabled ? { key, value, disabled } : { key, value }];
  });
}

const VARIABLE = names('key id value type disabled enabled description');

/** Variables: an array with each name in `key` or, in older files, `id`; a map in newer formats. */
export function variablesAt(value: unknown, path: string): Variable[] {
  if (isObject(value))
    return Object.entries(value).map(([key, member]) => ({ key, value: member }));
  return listAt(value, path).flatMap((entry, at) => {
    if (entry === null) return [];
    const variable = objectAt(entry, `${path}[${at}]`);
    const { key, id } = variable as { key?: unknown; id?: unknown };
    const name = textOf(key) || textOf(id);
    if (name === '') return [];
    const extra = membersBut(variable, VARIABLE) ?? {};
    const all = textOf(key) !== '' && textOf(id) !== '' ? { id, ...extra } : extra;
    return [
      {
        key: name,
        value: variable['value'] ?? '',
        ...textMember('type', variable['type']),
        ...disabledOf(variable),
        ...descriptionOf(variable['description']),
        ...(Object.keys(all).length === 0 ? {} : { extra: all }),
      },
    ];
  });
}

/** `{"type": "basic", "basic": …}`, whose attributes are an array (v2.1) or a map (v2.0, v1). */
export function authAt(value: unknown, path: string): { auth?: Auth } {
  const given = optionalObject(value, path);
  const type = given === undefined ? '' : textOf(given['type']);
  if (given === undefined || type === '') return {};
  return {
    auth: {
      type,
      attributes: attributesAt(given[type], `${path}.${type}`),
      ...extraOf(given, new Set(['type', type])),
    },
  };
}

/** The attributes of an auth helper, as an array or a map. */
export function attributesAt(value: unknown, path: string): AuthAttribute[] {
  if (isObject(value))
    return Object.entries(value).map(([key, member]) => ({ key, value: member }));
  return listAt(value, path).map((entry, at) => {
    const attribute = objectAt(entry, `${path}[${at}]`);
    const type = attribute['type'];
    return {
      key: textOf(attribute['key']),
      value: attribute['value'],
      ...(typeof type === 'string' ? { type } : {}),
    };
  });
}

/** The method as runners send it; GET by default. */
export function methodOf(value: unknown): string {
  return textOf(value).toUpperCase() || 'GET';
}

/** The response time, if it is a number of milliseconds. */
export function durationOf(value: unknown): { durationMs?: number } {
  return typeof value === 'number' && value >= 0 ? { durationMs: value } : {};
}
