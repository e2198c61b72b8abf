import { type Header, headerValue } from '../exchange.ts';
import { type AllowedOrigins, allowedOrigin, preflightAnswer, readableAnswer } from './cors.ts';
import {
  type Redirects,
  rewriteRequest,
  rewriteResponse,
  UnusableHeader,
} from './marked-headers.ts';

export type RewriterOptions = {
  readonly prefix: string;
  readonly redirects: Redirects;
  readonly allowed: AllowedOrigins;
  /** Selects the requests to rewrite; others pass unchanged. `url` is absolute. */
  readonly accepts: (method: string, url: string) => boolean;
};

export type RequestHeadLines = {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly Header[];
};

/** The decision for a request: an immediate answer, or changed header lines in both directions. */
export type Rewriting =
  | { readonly kind: 'answer'; readonly status: 204; readonly headers: readonly Header[] }
  | {
      readonly kind: 'refusal';
      readonly message: string;
      readonly headers: readonly Header[];
    }
  | {
      readonly kind: 'headers';
      readonly headers: readonly Header[];
      /** The names that were set. */
      readonly names: readonly string[];
      response(headers: readonly Header[]): readonly Header[];
    };

/** Changes header lines as they pass, and nothing else. */
export type Rewriter = (head: RequestHeadLines) => Rewriting | undefined;

/**
 * Combines the rewriting of restricted headers with CORS.
 *
 * @returns a rewriter; it returns undefined for requests that pass unchanged
 */
export function createRewriter(options: RewriterOptions): Rewriter {
  const prefix = options.prefix.toLowerCase();
  return ({ method, url, headers }) => {
    if (!options.accepts(intendedMethod(method, headers), url)) return undefined;
    const origin = allowedOrigin(headers, options.allowed);
    const preflight = origin && preflightAnswer(method, headers, origin, prefix);
    if (preflight) return { kind: 'answer', status: 204, headers: preflight };
    try {
      const rewritten = rewriteRequest(headers, options.prefix);
      if (!rewritten && !origin && options.redirects !== 'all') return undefined;
      return {
        kind: 'headers',
        headers: rewritten?.headers ?? headers,
        names: rewritten?.rewritten ?? [],
        response: (lines) => {
          const marked = rewritten !== undefined;
          const seen = rewriteResponse(lines, marked, options.redirects, options.prefix);
          return origin === undefined ? seen : readableAnswer(seen, origin);
        },
      };
    } catch (error) {
      if (!(error instanceof UnusableHeader)) throw error;
      // The requesting page must be able to read the reason.
      const lines = origin === undefined ? [] : readableAnswer([], origin);
      return { kind: 'refusal', message: error.message, headers: lines };
    }
  };
}

// A preflight is OPTIONS, but it concerns the request that follows.
function intendedMethod(method: string, headers: readonly Header[]): string {
  if (method !== 'OPTIONS') return method;
  return headerValue(headers, 'access-control-request-method') ?? method;
}
