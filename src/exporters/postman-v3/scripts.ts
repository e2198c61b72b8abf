import type { Script } from '../../collection.ts';

const SCRIPT_TYPES: Readonly<Record<string, string>> = {
  prerequest: 'beforeRequest',
  test: 'afterResponse',
};

/**
 * Writes a script. The format cannot hold scripts for other events, disabled scripts and empty scripts.
 *
 * @param prefix `http:` in the definition of a collection or folder
 */
export function scriptDocument({ listen, code, type, disabled }: Script, prefix = ''): object[] {
  const event = SCRIPT_TYPES[listen];
  if (event === undefined || disabled || code === '') return [];
  return [{ type: prefix + event, code, ...(type === undefined ? {} : { language: type }) }];
}

/** Whether the format can hold a script. */
export function hasPlace(script: Script): boolean {
  return script.code === '' || scriptDocument(script).length > 0;
}
