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
  /** Limits what is rewritten; the rest passes as it is. `url` is absolute. */
  readonly accepts: (method: string, url: string) => boolean;
};

export type RequestHeadLines = {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly Header[];
};

/** What is to become of a request: an answer at once, or other header lines there and back. */
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
 * Puts the rewriting of restricted headers and CORS together.
 *
 * @returns a rewriter; it gives undefined for what is to pass as it is
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
      // The page that asked is to be able to read why not.
      const lines = origin === undefined ? [] : readableAnswer([], origin);
      return { kind: 'refusal', message: error.message, headers: lines };
    }
  };
}

// A preflight is OPTIONS, but about the request that is to follow it.
function intendedMethod(method: string, headers: readonly Header[]): string {
  if (method !== 'OPTIONS') return method;
  return headerValue(headers, 'access-control-request-method') ?? method;
}
