import { z } from 'zod';

/**
 * The messages between the running client and the Interceptor, the browser extension. The extension pushes calls to
 * `/capture` like a proxy. The rest is here:
 *
 * - `POST /api/interceptor/code`    from the command, with the client's token: a new `PairingCode`
 * - `POST /api/interceptor/revoke`  the same: revokes every pairing and answers `{"revoked": n}`
 * - `POST /api/interceptor/pair`    from the extension: a `PairRequest`, answered with a `Pairing`
 * - `POST /api/interceptor/prove`   from the extension: a `ProveRequest`, answered with `{"proof": "…"}`
 * - `POST /api/interceptor/unpair`  from the extension, with its token: revokes its pairing
 * - `POST /api/interceptor/cookies` from a page: a `CookieRequest`, answered with a `CookieAnswer`
 * - `WS   /interceptor`             opened by the extension: cookie requests, one answer for each
 *
 * Errors are answered as `{"error": "…"}`.
 */

/** The id of the extension. Chromium derives it from the `key` of its manifest. */
export const interceptorId = 'llgckgiilookbddapdjekmfegfmemaog';

/** A code that pairs one extension. */
export type PairingCode = {
  /** Shown in groups: `K7QM-2XPD`. */
  readonly code: string;
  readonly validForMs: number;
};

export const pairRequest = z.object({
  /** Case, blanks and hyphens do not matter. */
  code: z.string().max(100),
  /** The browser, for the list of sessions: `Chrome`. */
  name: z.string().min(1).max(100),
});

/** What a paired extension keeps. */
export type Pairing = {
  readonly id: string;
  readonly token: string;
};

/**
 * The extension asks for a proof before it sends its token and what it recorded: the program that listens at the port
 * may be another one by now.
 */
export const proveRequest = z.object({
  id: z.string().max(100),
  nonce: z.string().min(16).max(100),
});

const url = z.url({ protocol: /^https?$/ }).max(10_000);

const cookie = z.object({
  name: z.string().max(4096),
  value: z.string().max(8192),
  /** Left out for a cookie of this host only. */
  domain: z.string().max(300).optional(),
  path: z.string().max(2048).optional(),
  secure: z.boolean().optional(),
  httpOnly: z.boolean().optional(),
  sameSite: z.enum(['no_restriction', 'lax', 'strict', 'unspecified']).optional(),
  /** Seconds since the epoch; left out for a cookie that ends with the browser. */
  expirationDate: z.number().optional(),
});

/** What a page asks about the cookies of the browser. */
export const cookieRequest = z.discriminatedUnion('action', [
  z.object({ action: z.literal('list'), url }),
  z.object({ action: z.literal('set'), url, cookie }),
  z.object({ action: z.literal('remove'), url, name: z.string().max(4096) }),
]);

/** The cookies of the URL, as they are after the request. */
const cookieAnswer = z.object({ cookies: z.array(cookie).max(10_000) });

/** What the extension sends over `/interceptor`. */
export const interceptorMessage = z.union([
  z.object({ id: z.int(), answer: cookieAnswer }),
  z.object({ id: z.int(), error: z.string().max(1000) }),
]);

export type BrowserCookie = z.infer<typeof cookie>;
export type CookieRequest = z.infer<typeof cookieRequest>;
export type CookieAnswer = z.infer<typeof cookieAnswer>;
export type InterceptorMessage = z.infer<typeof interceptorMessage>;
/** What the client sends over `/interceptor`. */
export type InterceptorRequest = { readonly id: number; readonly request: CookieRequest };
