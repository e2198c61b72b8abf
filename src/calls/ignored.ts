/**
 * Whether a location matches one of the ignored names (`--ignore`): the name of a header, a parameter or a field
 * (`page`, `X-Request-Id`), or a JSON path (`$.items[].id`, `$.items[0].id`, `$.meta` with all of its
 * members).
 *
 * @param names as given
 * @returns a test for locations in the form of {@link requestParts} and findings: `query page`, `response 200 $.items[].id`
 */
export function ignoredPlaces(names: readonly string[]): (place: string) => boolean {
  if (names.length === 0) return () => false;
  const paths = names.filter((name) => name.startsWith('$')).map(withoutIndices);
  const plain = new Set(
    names.filter((name) => !name.startsWith('$')).map((name) => name.toLowerCase()),
  );
  return (place) => {
    const json = /\$.*$/s.exec(place)?.[0];
    if (json !== undefined) {
      const path = withoutIndices(json);
      const last = /([\w$-]+)(?:\[\])*$/.exec(path)?.[1] ?? '';
      return plain.has(last.toLowerCase()) || paths.some((ignored) => isWithin(path, ignored));
    }
    const lower = place.toLowerCase().replace(/ \(\d+\)$/, '');
    return plain.has(lower) || [...plain].some((name) => lower.endsWith(` ${name}`));
  };
}

function withoutIndices(path: string): string {
  return path.replace(/\[(?:\d+|\*)\]/g, '[]').replace(/\[\]$/, '');
}

function isWithin(path: string, ignored: string): boolean {
  return path === ignored || path.startsWith(`${ignored}.`) || path.startsWith(`${ignored}[`);
}
