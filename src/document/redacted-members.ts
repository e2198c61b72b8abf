import type { Description, Members, Variable } from '../collection.ts';
import type { Secrets } from '../secrets/secrets.ts';

/** Replaces secrets, or only collects them. */
export type Treatment = Pick<
  Secrets,
  'header' | 'userinfo' | 'url' | 'query' | 'json' | 'field' | 'text'
>;

/** Collection variables whose values are secret. */
export type KnownVariables = {
  /** Whether the value of this variable is secret. */
  isSecret(variable: Variable): boolean;
  /** Called when the value is removed. */
  onBlank(variable: Variable): void;
};

/** A description. */
export function described(
  { description }: { readonly description?: Description },
  secrets: Treatment,
): { description?: Description } {
  if (description === undefined) return {};
  if (typeof description === 'string') return { description: secrets.text(description) };
  return { description: { ...description, content: secrets.text(description.content) } };
}

/** Members that pmproxy does not read. */
export function extraTreated(
  { extra }: { readonly extra?: Members },
  secrets: Treatment,
): { extra?: Members } {
  return extra === undefined ? {} : { extra: treatedMembers(extra, secrets) as Members };
}

/** JSON of any kind; strings are classified by their keys. */
export function treatedMembers(value: unknown, secrets: Treatment, name = ''): unknown {
  if (typeof value === 'string') return secrets.field(name, value);
  if (Array.isArray(value)) return value.map((one) => treatedMembers(one, secrets, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, treatedMembers(member, secrets, key)]),
  );
}

/** A variable; if its value is secret, the value is removed and the name is kept. */
export function treatedVariable(
  variable: Variable,
  secrets: Treatment,
  known: KnownVariables,
): Variable {
  if (known.isSecret(variable)) {
    known.onBlank(variable);
    return { ...variable, ...described(variable, secrets), value: '' };
  }
  const { key, value } = variable;
  return {
    ...variable,
    ...described(variable, secrets),
    value:
      typeof value === 'string' ? secrets.field(key, value) : treatedMembers(value, secrets, key),
  };
}
