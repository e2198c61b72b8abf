import type { RewrittenOptions } from '../options/rewritten.ts';
import { createRewriter, type Rewriter } from '../rewrite/rewriter.ts';
import type { Log } from '../terminal/log.ts';

/** Creates the rewriter that the options ask for. It rewrites the requests that `accepts` lets through. */
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

/** Warns when the options let every page use the proxy. */
export function warnOfAnyOrigin(options: RewrittenOptions, log: Log): void {
  if (!options.allowAnyOrigin) return;
  log.warn({}, 'any page can now reach all servers as its browser and read the answers');
}

/** A sentence that says which pages may use the proxy, with the option to add when none may. */
export function pagesAllowed({ allowOrigin, allowAnyOrigin }: RewrittenOptions): string {
  if (allowAnyOrigin) return 'Pages of any origin may use it.';
  if (allowOrigin.length === 0) return 'No page may read answers yet: --allow-origin <its origin>';
  return `Pages of ${allowOrigin.join(', ')} may use it.`;
}
