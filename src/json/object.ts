import { jsonText } from './json-text.ts';

/** A JSON object that somebody may have edited: what is relied on is checked, the rest is taken as it comes. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells an object from everything else that JSON can hold. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of objects under a name; empty where there is none. */
export function objectsOf(value: JsonObject, name: string): readonly JsonObject[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** A text under a name; numbers and booleans as they are written, empty for everything else. */
export function textAt(value: JsonObject, name: string): string {
  const found = value[name];
  return typeof found === 'object' ? '' : textOf(found);
}

/** A value as text: JSON for lists and objects, nothing for null. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? jsonText(value) : String(value);
}

/** The members of an object but for those of these names; undefined where nothing is left. */
export function membersBut(value: JsonObject, names: ReadonlySet<string>): JsonObject | undefined {
  const rest = Object.entries(value).filter(([name]) => !names.has(name));
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}
