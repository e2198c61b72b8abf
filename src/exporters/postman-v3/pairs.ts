/** A header, parameter, field or variable. */
export type Pair = {
  readonly key: string | null;
  readonly value: string | null;
  readonly disabled?: boolean;
  readonly description?: string;
};

/** Pairs as Postman writes them: a map where each is a name of its own and a value, no more, otherwise a list. */
export function mapOrList(pairs: readonly Pair[]): object {
  const keys = new Set(pairs.map(({ key }) => key));
  const isMap = keys.size === pairs.length && !keys.has(null) && pairs.every(isPlain);
  if (!isMap) return pairs.map(listed);
  // An object of its kind: names that are numbers come first, and one is lost.
  const map: Record<string, string | null> = {};
  for (const { key, value } of pairs) if (key !== '__proto__') map[key ?? ''] = value;
  return map;
}

/** Parameters of a query; those named like a member that every object has are listed. */
export function queryMapOrList(pairs: readonly Pair[]): object {
  return pairs.some(({ key }) => key !== null && key in {}) ? pairs.map(listed) : mapOrList(pairs);
}

function isPlain({ disabled, description }: Pair): boolean {
  return !disabled && description === undefined;
}

function listed({ key, value, disabled, description }: Pair): Pair {
  return {
    key,
    value,
    ...(disabled ? { disabled } : {}),
    ...(description === undefined ? {} : { description }),
  };
}
