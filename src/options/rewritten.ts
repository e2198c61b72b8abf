import { z } from 'zod';
import { usageError } from '../errors.ts';
import { flag, type OptionValues, readOptions, repeatable, withDefault } from './option.ts';
import { oneOf } from './values.ts';

// RFC 9110 5.6.2: the prefix begins a header name.
const prefix = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'write the beginning of a header name, such as Postman-');

const pageOrigin = z.string().transform((given, context) => {
  if (given === '*' || given === 'null') return given;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  // A URL's origin is what browsers send: scheme, host and port, and nothing behind them.
  if (url && url.origin !== 'null' && (given === url.origin || given === `${url.origin}/`)) {
    return url.origin;
  }
  context.addIssue('write an origin: scheme, host and port, such as https://client.example');
  return z.NEVER;
});

/** The options that say how restricted headers are rewritten. */
export const rewrittenOptions = {
  prefix: withDefault('--prefix <text>', 'the prefix that marks a header', prefix, 'Postman-'),
  redirects: withDefault(
    '--redirects <which>',
    'whose redirects the browser is not to follow: those of marked requests, all, or none',
    oneOf(['marked', 'all', 'none']),
    'marked',
  ),
  allowOrigin: repeatable(
    '--allow-origin <origin>',
    'let the pages of this origin reach others through the proxy and read the answers (repeatable)',
    pageOrigin,
    { shownDefault: 'none' },
  ),
  allowAnyOrigin: flag('--allow-any-origin', 'let every page do so; goes with --allow-origin "*"'),
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
      '--allow-origin "*" lets every page in the world use this proxy.',
      'If that is meant, add --allow-any-origin; otherwise name the origin of your client.',
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
  filterHeaders: flag('--filter-headers', 'rewrite restricted headers as pmproxy filter does'),
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
