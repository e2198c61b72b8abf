/**
 * Names for variables. A name that stands in braces in the recording is never given to a variable: the recorded
 * `{{name}}` would be replaced when the collection is run.
 */
export type VariableNames = {
  /** Returns and reserves the wanted name if it is free, otherwise the first free one of `wanted_2`, `wanted_3`… */
  claim(wanted: string): string;
};

const BRACED_NAME = /\{\{([^{}]*?)\}\}/g;

/** `{{$guid}}` and its like, which runners always replace. */
const DYNAMIC = /\{\{\$[A-Za-z]\w*\}\}/;

/** Creates names that are unique and not in `taken`. */
export function variableNames(taken: Iterable<string>): VariableNames {
  const used = new Set(taken);
  const next = new Map<string, number>();
  return {
    claim(wanted) {
      let name = wanted;
      let number = next.get(wanted) ?? 2;
      while (used.has(name)) name = `${wanted}_${number++}`;
      next.set(wanted, number);
      used.add(name);
      return name;
    },
  };
}

/** Adds every name in double braces in the text to `names`. */
export function collectBracedNames(text: string, names: Set<string>): void {
  if (!text.includes('{{')) return;
  for (const [, name = ''] of text.matchAll(BRACED_NAME)) names.add(name);
}

/** Whether the text contains a dynamic variable, which a runner always replaces. */
export function hasDynamicVariable(text: string): boolean {
  return text.includes('{{$') && DYNAMIC.test(text);
}

/** Converts a text to a variable name: lower case letters, digits and underscores. */
export function nameFrom(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 40);
}
