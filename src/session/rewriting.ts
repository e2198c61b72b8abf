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
  log.warn({}, 'any page can now reach all servers as its browser and read the answers');
}

/** Which pages may use the proxy, in a sentence; and what to type so that one may. */
export function pagesAllowed({ allowOrigin, allowAnyOrigin }: RewrittenOptions): string {
  if (allowAnyOrigin) return 'Pages of any origin may use it.';
  if (allowOrigin.length === 0) return 'No page may read answers yet: --allow-origin <its origin>';
  return `Pages of ${allowOrigin.join(', ')} may use it.`;
}
