import { type Header, headerValue } from '../exchange.ts';
import { isMarked } from './marked-headers.ts';

/** Which pages may use the proxy to reach other origins. */
export type AllowedOrigins = {
  /** Serialised origins (`https://client.example`), as browsers send them. */
  readonly origins: ReadonlySet<string>;
  /** Every page, of any origin. */
  readonly any: boolean;
};

/**
 * The page origin of a request, if it is allowed. Only then does the proxy handle CORS for the
 * server. It is the browser's own Origin; read it before the header is rewritten.
 */
export function allowedOrigin(
  headers: readonly Header[],
  allowed: AllowedOrigins,
): string | undefined {
  const origin = headerValue(headers, 'origin');
  return origin !== undefined && (allowed.any || allowed.origins.has(origin)) ? origin : undefined;
}

/**
 * The answer to the preflight (Fetch, CORS-preflight fetch) of a request that will have marked
 * headers. It allows everything requested, also from a public page to a private network (Private
 * Network Access).
 *
 * @param origin the allowed page origin
 * @param prefix lower case
 * @returns header lines for a 204, or undefined when this is not such a preflight and the server answers
 */
export function preflightAnswer(
  method: string,
  headers: readonly Header[],
  origin: string,
  prefix: string,
): readonly Header[] | undefined {
  const wantedMethod = headerValue(headers, 'access-control-request-method');
  if (method !== 'OPTIONS' || wantedMethod === undefined) return undefined;
  const wantedHeaders = headerValue(headers, 'access-control-request-headers') ?? '';
  const names = wantedHeaders.split(',').map((name) => name.trim());
  if (!names.some((name) => isMarked(name, prefix))) return undefined;
  const toPrivate = headerValue(headers, 'access-control-request-private-network') === 'true';
  return [
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Credentials', 'true'],
    ['Access-Control-Allow-Methods', wantedMethod],
    ['Access-Control-Allow-Headers', wantedHeaders],
    ...(toPrivate ? [['Access-Control-Allow-Private-Network', 'true'] as const] : []),
    ['Access-Control-Max-Age', '600'],
    ['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
  ];
}

/** Headers that the proxy sets itself, so the server's own are removed. */
const replaced: ReadonlySet<string> = new Set([
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
]);

/**
 * An answer that the page at `origin` may read completely. Every header is exposed by name, because
 * with credentials `*` means a header of that name (Fetch, CORS protocol and credentials).
 */
export function readableAnswer(headers: readonly Header[], origin: string): readonly Header[] {
  const kept = headers.filter(([name]) => !replaced.has(name.toLowerCase()));
  if (!variesByOrigin(kept)) kept.push(['Vary', 'Origin']);
  const names = new Map(kept.map(([name]) => [name.toLowerCase(), name]));
  // No page may ever see these (Fetch, forbidden response-header name).
  names.delete('set-cookie');
  names.delete('set-cookie2');
  return [
    ...kept,
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Credentials', 'true'],
    ['Access-Control-Expose-Headers', [...names.values()].join(', ')],
  ];
}

function variesByOrigin(headers: readonly Header[]): boolean {
  return headers.some(
    ([name, value]) =>
      name.toLowerCase() === 'vary' && /(^|[\s,])(origin|\*)($|[\s,])/i.test(value),
  );
}
