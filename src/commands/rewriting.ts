import type { RewrittenOptions } from '../options/rewritten.ts';
import { createRewriter, type Rewriter } from '../rewrite/rewriter.ts';
import type { Log } from '../terminal/log.ts';

/** The rewriter that the options ask for, for the requests that are accepted. */
export function rewriterFor(
  options: RewrittenOptions,
  accepts: (method: string, url: string) => boolean,
): Rewriter {
  return createRewriter({
    prefix: options.prefix,
    redirects: options.redirects,
    allowed: { origins: new Set(options.allowOrigin), any: options.allowAnyOrigin },
    accepts,
  });
}

/** Says what it means that every page may use the proxy. */
export function warnOfAnyOrigin(options: RewrittenOptions, log: Log): void {
  if (!options.allowAnyOrigin) return;
  log.warn(
    {},
    'every page that a browser behind this proxy opens can now reach every server as that browser, and read the answers',
  );
}
