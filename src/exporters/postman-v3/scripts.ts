import type { Script } from '../../collection.ts';

const SCRIPT_TYPES: Readonly<Record<string, string>> = {
  prerequest: 'beforeRequest',
  test: 'afterResponse',
};

/**
 * Writes a script. A script for any other event, one that is switched off and an empty one have no place in the format.
 *
 * @param prefix `http:` in the definition of a collection or folder
 */
export function scriptDocument({ listen, code, type, disabled }: Script, prefix = ''): object[] {
  const event = SCRIPT_TYPES[listen];
  if (event === undefined || disabled || code === '') return [];
  return [{ type: prefix + event, code, ...(type === undefined ? {} : { language: type }) }];
}

/** Whether the format has a place for a script. */
export function hasPlace(script: Script): boolean {
  return script.code === '' || scriptDocument(script).length > 0;
}
