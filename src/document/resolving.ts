import type { Variable } from '../collection.ts';
import { textOf } from '../json/object.ts';
import { enabled } from './url.ts';

/** A variable may be made of others; one that is made of itself must come to an end. */
const deepest = 10;

/** One that is made of many others must not grow without an end either. */
const LONGEST = 1024 * 1024;

const NAME = /\{\{([^{}]+)\}\}/g;

/** Puts the values of variables in; what has none stays as it is written. */
export type Resolve = (text: string) => string;

/**
 * Makes a function that puts values in the place of `{{name}}`. What has no value - unknown names, dynamic ones such as
 * `{{$guid}}`, blanks to be filled in - stays as it is written.
 *
 * @param variables those of the document, the nearest last
 * @param environment wins over the variables of the document, as runners have it
 */
export function resolver(
  variables: readonly Variable[],
  environment: ReadonlyMap<string, string> = new Map(),
): Resolve {
  const own = enabled(variables).map(({ key, value }) => [key, textOf(value)] as const);
  const values = new Map([...own, ...environment]);
  return (text) => {
    let current = text;
    for (let depth = 0; depth < deepest && current.includes('{{'); depth += 1) {
      const next = current.replace(
        NAME,
        (braced, name: string) => values.get(name.trim()) || braced,
      );
      if (next === current || next.length > LONGEST + text.length) break;
      current = next;
    }
    return current;
  };
}
