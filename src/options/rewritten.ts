import { z } from 'zod';
import { usageError } from '../errors.ts';
import { DEFAULTS } from './defaults.ts';
import { flag, type OptionValues, readOptions, repeatable, withDefault } from './option.ts';
import { oneOf } from './values.ts';

/** Headers of ordinary requests. A prefix of one of these names would mark and break every request. */
const everyday = [
  'accept-encoding',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'origin',
  'proxy-connection',
  'referer',
  'sec-fetch-site',
  'transfer-encoding',
  'user-agent',
];

const prefix = z
  .string()
  // RFC 9110 5.6.2: the prefix begins a header name.
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'write the beginning of a header name, such as Postman-')
  .refine(
    (given) => !everyday.some((name) => name.startsWith(given.toLowerCase())),
    'headers with this beginning are in every request; write a distinct prefix, such as Postman-',
  );

const pageOrigin = z.string().transform((given, context) => {
  const origin = given === '*' ? given : serialisedOrigin(given);
  if (origin !== undefined) return origin;
  context.addIssue(
    given === 'null'
      ? 'any page can have the origin null; write the origin that your client is served from'
      : 'write an origin: scheme, host and port, such as https://client.example',
  );
  return z.NEVER;
});

/** An origin as browsers send it, also that of an extension (RFC 6454 6.2). */
function serialisedOrigin(given: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#@*\\\s]+\/?$/i.test(given) || !URL.canParse(given))
    return undefined;
  const { origin, protocol, host } = new URL(given);
  return origin === 'null' ? `${protocol}//${host}` : origin;
}

/** The options that say how restricted headers are rewritten. */
export const rewrittenOptions = {
  prefix: withDefault('--prefix <text>', 'prefix that marks a header', prefix, DEFAULTS.prefix),
  redirects: withDefault(
    '--redirects <which>',
    'show redirects to the page instead of following them: for marked requests, all, or none',
    oneOf(['marked', 'all', 'none']),
    DEFAULTS.redirects,
  ),
  allowOrigin: repeatable(
    '--allow-origin <origin>',
    'let pages of this origin call any server through the proxy and read the responses (repeatable)',
    pageOrigin,
    { shownDefault: 'none' },
  ),
  allowAnyOrigin: flag(
    '--allow-any-origin',
    'let pages of every origin do this; needs --allow-origin "*"',
  ),
} as const;

export type RewrittenOptions = OptionValues<typeof rewrittenOptions>;

/**
 * Reads how headers are rewritten from what commander collected.
 * @throws UserError (exit code 2) for a bad value or options that contradict each other.
 */
export function readRewrittenOptions(given: Readonly<Record<string, unknown>>): RewrittenOptions {
  const options = readOptions(rewrittenOptions, given);
  const any = options.allowOrigin.includes('*');
  if (any && !options.allowAnyOrigin) {
    throw usageError(
      '--allow-origin "*" would let every page reach every server as this browser: name the origin of your client, or add --allow-any-origin if you mean that.',
    );
  }
  const named = options.allowOrigin.find((origin) => origin !== '*');
  if (options.allowAnyOrigin && named !== undefined) {
    throw usageError(
      `--allow-any-origin contradicts --allow-origin ${named}: leave out one of them.`,
    );
  }
  return options;
}

/** The options of `save` and `sync` that rewrite headers while recording. */
export const filteringOptions = {
  filterHeaders: flag('--filter-headers', 'rewrite marked headers, as pmproxy filter does'),
  ...rewrittenOptions,
} as const;

/**
 * Reads how headers are rewritten while recording.
 * @returns undefined when they are not
 * @throws UserError (exit code 2) also when options only make sense with `--filter-headers`
 */
export function readFilteringOptions(
  given: Readonly<Record<string, unknown>>,
): RewrittenOptions | undefined {
  const { filterHeaders } = readOptions({ filterHeaders: filteringOptions.filterHeaders }, given);
  const options = readRewrittenOptions(given);
  if (filterHeaders) return options;
  const lone = Object.entries(rewrittenOptions).find(([name]) => given[name] !== undefined);
  if (lone) throw usageError(`${lone[1].flags.split(' ')[0]} needs --filter-headers.`);
  return undefined;
}
