import { z } from 'zod';
import { jsonText } from '../../collection/json-text.ts';
import type { Auth, Field } from './call.ts';

/** What somebody may have written by hand: a number or a boolean stands for its text, nothing for an empty one. */
export const text = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .default('')
  .transform((value) => (value === null ? '' : String(value)));

/** Whatever it is, if it is there. */
export const anything = z.unknown().optional();

const pair = z.looseObject({
  key: text,
  id: text,
  value: anything,
  disabled: anything,
  enabled: anything,
});

/** A list of `{key, value}`, some of them perhaps disabled; a map in newer formats. */
export const pairs = z
  .union([z.array(pair), z.record(z.string(), z.unknown())])
  .nullish()
  .transform((list): Field[] => {
    if (list == null) return [];
    if (!Array.isArray(list))
      return Object.entries(list).map(([name, value]) => [name, written(value)]);
    return list
      .filter(isEnabled)
      .map(({ key, id, value }): Field => [key || id, written(value)])
      .filter(([name]) => name !== '');
  });

/** Header lines: a list, a map, or one text with a line for each. */
export const headers = z.union([z.string().transform(headerLines), pairs]);

/** `{"type": "basic", "basic": …}`, where what it needs is a list (v2.1, v3) or a map (v2.0, v3). */
export const auth = z
  .looseObject({ type: z.string().nullish() })
  .nullish()
  .transform((given): Auth | undefined => {
    const type = given?.type;
    if (!given || !type) return undefined;
    const values = pairs.safeParse(given[type] ?? given['credentials']);
    return { type, values: new Map(values.success ? values.data : []) };
  });

/** What a runner is told to do otherwise than usual. */
export const behavior = z
  .looseObject({ disabledSystemHeaders: anything })
  .nullish()
  .catch(undefined);

/** Whether a runner adds no Content-Type of its own. */
export function hasPlainType(told: z.infer<typeof behavior>): boolean {
  const disabled = told?.disabledSystemHeaders;
  return typeof disabled === 'object' && disabled !== null && 'content-type' in disabled;
}

export function isEnabled(field: {
  readonly disabled?: unknown;
  readonly enabled?: unknown;
}): boolean {
  return field.disabled !== true && field.enabled !== false;
}

/** What a value is in a text; lists and objects are JSON there. */
export function written(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? jsonText(value) : String(value);
}

/** `Name: value` on each line; lines that begin with `//` are switched off. */
function headerLines(lines: string): Field[] {
  return lines.split('\n').flatMap((line): Field[] => {
    const colon = line.indexOf(':');
    if (colon < 1 || line.startsWith('//')) return [];
    return [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
  });
}

/** The type that a raw body gets by the language it is said to be in. */
export const RAW_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  html: 'text/html',
  javascript: 'application/javascript',
  text: 'text/plain',
};

/** A part of a multipart form: text, or a file by its path. */
export const formField = z.looseObject({
  key: text,
  value: text,
  type: text,
  src: z.union([z.array(z.string()), z.string()]).nullish(),
  fileName: z.string().nullish(),
  contentType: z.string().nullish(),
  disabled: anything,
});
