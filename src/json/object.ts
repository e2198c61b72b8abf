import { jsonText } from './json-text.ts';

/** A JSON object that may have been edited by hand: required members are checked, others are accepted unchecked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of objects under a name; empty if there is none. */
export function objectsOf(value: JsonObject, name: string): readonly JsonObject[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** A string under a name; numbers and booleans as text, empty for everything else. */
export function textAt(value: JsonObject, name: string): string {
  const found = value[name];
  return typeof found === 'object' ? '' : textOf(found);
}

/** A value as text: JSON for lists and objects, nothing for null. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? jsonText(value) : String(value);
}

/** The members of an object except those of these names; undefined if none are left. */
export function membersBut(value: JsonObject, names: ReadonlySet<string>): JsonObject | undefined {
  const rest = Object.entries(value).filter(([name]) => !names.has(name));
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}
