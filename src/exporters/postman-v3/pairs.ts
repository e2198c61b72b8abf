import type { Parameter, Variable } from '../../collection.ts';
import { plainText } from '../../document/text.ts';
import { textOf } from '../../json/object.ts';

/** Pairs as Postman writes them: a map if names are unique and pairs have only a name and a value, otherwise a list. */
export function mapOrList(parameters: readonly Parameter[]): object {
  const keys = new Set(parameters.map(({ key }) => key));
  const isMap = keys.size === parameters.length && !keys.has(null) && parameters.every(isPlain);
  if (!isMap) return parameters.map(listed);
  // Like Postman's migration, a plain object: numeric names come first, and `__proto__` is lost.
  const map: Record<string, string | null> = {};
  for (const { key, value } of parameters) if (key !== '__proto__') map[key ?? ''] = value;
  return map;
}

/** Query parameters; a name that every object has as a member requires a list. */
export function queryMapOrList(parameters: readonly Parameter[]): object {
  const isAmbiguous = parameters.some(({ key }) => key !== null && key in {});
  return isAmbiguous ? parameters.map(listed) : mapOrList(parameters);
}

/** Path variables; their values are strings. */
export function pathVariables(variables: readonly Variable[]): object {
  return mapOrList(variables.map((variable) => ({ ...variable, value: textOf(variable.value) })));
}

/** Collection variables; the format cannot hold their descriptions. */
export function collectionVariables(variables: readonly Variable[]): object {
  const written = variables.map(({ key, value }) => ({ key, value: textOf(value) }));
  const isMap = variables.every(({ disabled }) => !disabled);
  if (isMap) return mapOrList(written);
  return written.map((pair, at) => ({ ...pair, disabled: variables[at]?.disabled === true }));
}

function isPlain({ disabled, description }: Parameter): boolean {
  return !disabled && plainText(description) === undefined;
}

function listed({ key, value, disabled, description }: Parameter): object {
  const said = plainText(description);
  return {
    key,
    value,
    ...(disabled ? { disabled } : {}),
    ...(said === undefined ? {} : { description: said }),
  };
}
