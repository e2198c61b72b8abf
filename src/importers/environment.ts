import { variablesAt } from '../document/fields.ts';
import { enabled } from '../document/url.ts';
import { textOf } from '../json/object.ts';

/** The variable values in a file: a Postman environment, or globals. */
export type Environment = {
  readonly values: ReadonlyMap<string, string>;
  /** The variables marked as secret. */
  readonly secret: ReadonlySet<string>;
};

/**
 * Reads the `values` of a `postman_environment` file, or the globals of a data dump.
 *
 * @throws UserError if the values are invalid
 */
export function environmentOf(values: unknown, path: string): Environment {
  const variables = enabled(variablesAt(values, path)).filter(({ value }) => textOf(value) !== '');
  const secret = variables.filter(({ type }) => type === 'secret').map(({ key }) => key);
  return {
    values: new Map(variables.map(({ key, value }) => [key, textOf(value)])),
    secret: new Set(secret),
  };
}
