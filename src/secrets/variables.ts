/**
 * Names for variables. A name that stands in braces in the recording is never given to a variable: the recorded
 * `{{name}}` would be replaced when the collection is run.
 */
export type VariableNames = {
  /** The wanted name if it is free, otherwise the first free one of `wanted_2`, `wanted_3`… It is taken from then on. */
  claim(wanted: string): string;
};

const BRACED_NAME = /\{\{([^{}]*?)\}\}/g;

/** `{{$guid}}` and its like, which runners always replace. */
const DYNAMIC = /\{\{\$[A-Za-z]\w*\}\}/;

/** Gives out names, none of `taken` and none twice. */
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

/** Adds to `names` every name that stands in double braces in the text. */
export function collectBracedNames(text: string, names: Set<string>): void {
  if (!text.includes('{{')) return;
  for (const [, name = ''] of text.matchAll(BRACED_NAME)) names.add(name);
}

/** Tells whether the text holds a dynamic variable, which a runner replaces whatever is defined. */
export function hasDynamicVariable(text: string): boolean {
  return text.includes('{{$') && DYNAMIC.test(text);
}

/** A text made fit for a variable's name: lower case letters, digits and underscores. */
export function nameFrom(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 40);
}
