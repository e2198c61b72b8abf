import type { Description, Members, Variable } from '../collection.ts';
import type { Secrets } from '../secrets/secrets.ts';

/** What replaces secrets, or only takes note of them. */
export type Treatment = Pick<
  Secrets,
  'header' | 'userinfo' | 'url' | 'query' | 'json' | 'field' | 'text'
>;

/** Variables of the collection whose values are secret. */
export type KnownVariables = {
  /** Whether this value of this variable is a secret. */
  isSecret(variable: Variable): boolean;
  /** Told when its value is left out. */
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

/** Members that are not read. */
export function extraTreated(
  { extra }: { readonly extra?: Members },
  secrets: Treatment,
): { extra?: Members } {
  return extra === undefined ? {} : { extra: treatedMembers(extra, secrets) as Members };
}

/** JSON of any kind; texts go by the names that they stand under. */
export function treatedMembers(value: unknown, secrets: Treatment, name = ''): unknown {
  if (typeof value === 'string') return secrets.field(name, value);
  if (Array.isArray(value)) return value.map((one) => treatedMembers(one, secrets, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, treatedMembers(member, secrets, key)]),
  );
}

/** A variable; one whose value is a secret loses it and keeps its name. */
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
