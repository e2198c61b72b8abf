import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '../http/loopback.ts';
import { interceptorId } from '../sync/wire/interceptor.ts';

/** Creates a token of 192 random bits, in characters that need no encoding in a URL. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Authentication and authorisation. Each function checks one request before it is handled. */
export type Access = {
  /**
   * The cookie that authenticates a page instead of the token. Its name has the port, because cookies are shared between
   * ports.
   */
  readonly cookie: { readonly name: string; readonly value: string };
  /** Whether the Host header names this client. Another name may resolve to this address (DNS rebinding). */
  isOurHost(request: IncomingMessage): boolean;
  /** Whether the request carries the token, in `Authorization: Bearer` or in the query. */
  hasToken(request: IncomingMessage): boolean;
  /** Whether the request carries the cookie or the token. */
  isAuthenticated(request: IncomingMessage): boolean;
  /** Whether the request may read the history: it is authenticated and does not come from a page of another site. */
  mayRead(request: IncomingMessage): boolean;
  /**
   * Whether the request may change something or open a page's connection. With the cookie alone, it must come from our own
   * page.
   */
  mayWrite(request: IncomingMessage): boolean;
  /** Whether the request may open a proxy's connection: with the token, and not from a page of another site. */
  mayPush(request: IncomingMessage): boolean;
  /** Whether the Interceptor sent the request: no page and no other extension can have its origin. */
  isInterceptor(request: IncomingMessage): boolean;
  /** The token that the request carries, in `Authorization: Bearer` or in the query; whose it is, is not checked. */
  tokenOf(request: IncomingMessage): string | undefined;
};

export type AccessOptions = {
  readonly token: string;
  /** The address that the client listens on. */
  readonly bind: string;
  readonly port: number;
};

/** Creates the access checks of a client that listens at this address. */
export function createAccess({ token, bind, port }: AccessOptions): Access {
  const ownName = new URL(`http://${hostOf(bind)}`).hostname;
  const everywhere = bind === '0.0.0.0' || bind === '::';
  const isOurs = (host: string) => {
    if (!URL.canParse(`http://${host}`)) return false;
    const url = new URL(`http://${host}`);
    // An IP address, unlike a name, cannot be made to resolve to this machine.
    const isAuthenticated =
      url.hostname === ownName ||
      isLoopback(url.hostname) ||
      (everywhere && isAddress(url.hostname));
    return isAuthenticated && Number(url.port || 80) === port && url.host === host.toLowerCase();
  };
  const cookie = {
    name: `pmproxy-${port}`,
    // Not the token itself, because browsers send the cookie to programs on other ports of this machine too.
    value: createHmac('sha256', token).update('page').digest('base64url'),
  };
  const isToken = comparer(token);
  const isCookie = comparer(cookie.value);

  const tokenOf = (request: IncomingMessage) =>
    bearerOf(request) ?? queryOf(request).get('token') ?? undefined;
  const hasToken = (request: IncomingMessage) => {
    const given = tokenOf(request);
    return given !== undefined && isToken(given);
  };
  const hasCookie = (request: IncomingMessage) => isCookie(cookieOf(request, cookie.name));
  const isAuthenticated = (request: IncomingMessage) => hasCookie(request) || hasToken(request);
  const origin = ({ headers }: IncomingMessage) => {
    const given = headers.origin;
    if (given === undefined) return 'none';
    return given.startsWith('http://') && isOurs(given.slice('http://'.length)) ? 'ours' : 'other';
  };
  const site = ({ headers }: IncomingMessage) => headers['sec-fetch-site'];
  // To a browser another port of this machine is the same site, but its pages are not ours.
  const fromOthers = (request: IncomingMessage) =>
    origin(request) === 'other' ||
    !['same-origin', 'none', undefined].includes(first(site(request)));
  return {
    cookie,
    isOurHost: ({ headers }) => headers.host !== undefined && isOurs(headers.host),
    hasToken,
    isAuthenticated,
    mayRead: (request) => !fromOthers(request) && isAuthenticated(request),
    mayWrite(request) {
      if (fromOthers(request)) return false;
      const fromOurs = origin(request) === 'ours' || first(site(request)) === 'same-origin';
      return (fromOurs && hasCookie(request)) || hasToken(request);
    },
    mayPush: (request) => origin(request) !== 'other' && hasToken(request),
    isInterceptor: ({ headers }) => headers.origin === `chrome-extension://${interceptorId}`,
    tokenOf,
  };
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start));
}

/**
 * Compiles a secret into a test of what was given. The comparison takes the same time for every input, because digests have
 * equal length.
 */
export function comparer(expected: string): (given: string) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(expected);
  return (given) => timingSafeEqual(digest(given), wanted);
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function cookieOf({ headers }: IncomingMessage, name: string): string {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** A listen address in the form that a URL has. */
export function hostOf(bind: string): string {
  return isIP(bind) === 6 ? `[${bind}]` : bind.toLowerCase();
}
