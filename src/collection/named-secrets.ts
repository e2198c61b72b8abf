/** Stands for a value: `{{name}}`, the name made of `wanted` when the value is new. */
export type Replace = (wanted: string, value: string) => string;

/** Secrets that are known by the name they go under: of a header, a query or form field, a JSON key. */
export type NamedSecrets = {
  /** A value that goes under this name, as it is written. */
  field(name: string, value: string): string;
  /** A query, undecoded: the values of named parameters are replaced, nothing else changes. */
  query(text: string): string;
  /** JSON text: strings and numbers under a named key are replaced where they stand. */
  json(text: string): string;
};

/**
 * Finds secrets by name.
 *
 * @param names in any case; without any, everything stays as it is
 */
export function createNamedSecrets(names: readonly string[], replace: Replace): NamedSecrets {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const field = (name: string, value: string) =>
    wanted.has(name.toLowerCase()) ? replace(name, value) : value;
  // Of a match only the value goes, so that what surrounds it keeps its spaces and escapes.
  const member = new RegExp(
    `("(?:${names.map(escapeForJson).join('|')})"\\s*:\\s*)(?:"((?:[^"\\\\]|\\\\.)*)"|(-?\\d[\\d.eE+-]*))`,
    'gi',
  );
  return {
    field,
    query: (text) =>
      wanted.size === 0
        ? text
        : text
            .split('&')
            .map((pair) => queryPair(pair, field))
            .join('&'),
    json: (text) =>
      wanted.size === 0
        ? text
        : text.replace(member, (_, start: string, string?: string, number?: string) => {
            const name = /"(.*)"/.exec(start)?.[1] ?? '';
            if (string === undefined) return start + replace(name, number ?? '');
            return `${start}"${replace(name, string)}"`;
          }),
  };
}

function queryPair(pair: string, field: NamedSecrets['field']): string {
  const equals = pair.indexOf('=');
  if (equals < 0) return pair;
  const key = pair.slice(0, equals);
  return `${key}=${field(decoded(key), pair.slice(equals + 1))}`;
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

function escapeForJson(name: string): string {
  return JSON.stringify(name)
    .slice(1, -1)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
