import { type Header, headerValue } from '../../exchange.ts';
import type { SecurityRequirement, SecurityScheme } from './document.ts';

/** Collects the authentication schemes of calls. */
export type SecurityFacts = {
  /** Returns the schemes of one call; the names are keys of `schemes`. */
  see(headers: readonly Header[], query: string): SecurityRequirement;
  readonly schemes: ReadonlyMap<string, SecurityScheme>;
};

const KEY_HEADER =
  /^(?:x-)?(?:[a-z]+-)?(?:api|access|auth|app|application|subscription|functions|client|session|user)[-_]?(?:key|token|secret)$|^x-amz-security-token$|^private-token$/;
const KEY_PARAMETER =
  /^(?:api[-_]?key|apikey|access[-_]?token|auth[-_]?token|appid|app[-_]?key|token)$/i;

/** Whether a header (in lower case) or a query parameter authenticates the caller. */
export function isCredential(place: 'header' | 'query', name: string): boolean {
  if (place === 'query') return KEY_PARAMETER.test(name);
  return name === 'authorization' || KEY_HEADER.test(name);
}

/** Starts with no call seen. */
export function securityFacts(): SecurityFacts {
  const schemes = new Map<string, SecurityScheme>();
  return {
    schemes,
    see(headers, query) {
      const found = [...headerSchemes(headers), ...querySchemes(query)];
      for (const [name, scheme] of found) if (!schemes.has(name)) schemes.set(name, scheme);
      return Object.fromEntries(found.map(([name]) => [name, []]));
    },
  };
}

type Named = readonly [name: string, scheme: SecurityScheme];

function headerSchemes(headers: readonly Header[]): Named[] {
  const authorization = headerValue(headers, 'authorization');
  const scheme = /^([A-Za-z][\w-]*)\s+\S/.exec(authorization ?? '')?.[1]?.toLowerCase();
  const found: Named[] = [];
  if (scheme !== undefined) found.push([`${camelCase(scheme)}Auth`, { type: 'http', scheme }]);
  else if (authorization !== undefined) found.push(keyScheme('header', 'Authorization'));
  for (const [name] of headers) {
    const key = name.toLowerCase();
    if (key !== 'authorization' && isCredential('header', key)) {
      found.push(keyScheme('header', name));
    }
  }
  return found;
}

function querySchemes(query: string): Named[] {
  const names = query.split('&').map((pair) => pair.split('=', 1)[0] ?? '');
  return [...new Set(names)]
    .filter((name) => isCredential('query', name))
    .map((name) => keyScheme('query', name));
}

function keyScheme(place: 'header' | 'query', name: string): Named {
  const id = camelCase(name) + (place === 'query' ? 'Query' : '');
  return [id, { type: 'apiKey', in: place, name }];
}

function camelCase(name: string): string {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  return words
    .filter((word) => word !== '')
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}
