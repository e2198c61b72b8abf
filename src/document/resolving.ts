import type { Variable } from '../collection.ts';
import { textOf } from '../json/object.ts';
import { enabled } from './url.ts';

/** Variables may refer to others; this limit ends circular references. */
const deepest = 10;

/** This limit ends growth when variables refer to many others. */
const LONGEST = 1024 * 1024;

const NAME = /\{\{([^{}]+)\}\}/g;

/** Replaces variables with their values; variables without a value are kept. */
export type Resolve = (text: string) => string;

/**
 * Makes a function that replaces `{{name}}` with its value. Names without a value - unknown names, dynamic ones such as
 * `{{$guid}}`, blanks to be filled in - are kept as they are.
 *
 * @param variables the variables of the document, nearest last
 * @param environment overrides the variables of the document, as in runners
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
