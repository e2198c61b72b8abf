import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '../http/loopback.ts';

/** A new token of 192 bits, fit for URLs. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Who may come in. Every answer is about one request, before anything of it is done. */
export type Access = {
  /** The name of the cookie that a page holds instead of the token, and its value. Ports share cookies, hence the name. */
  readonly cookie: { readonly name: string; readonly value: string };
  /** Whether the request was meant for us: a page of another name may have been led here (DNS rebinding). */
  isOurHost(request: IncomingMessage): boolean;
  /** Whether it names the token, in `Authorization: Bearer` or in the query. */
  hasToken(request: IncomingMessage): boolean;
  /** Whether it has the cookie or the token. */
  isAuthenticated(request: IncomingMessage): boolean;
  /** Whether it may see what was recorded: it is known, and comes from no page of others. */
  mayRead(request: IncomingMessage): boolean;
  /** Whether it may change something, or is the upgrade of a page: with the cookie alone a page of ours must say so. */
  mayWrite(request: IncomingMessage): boolean;
  /** Whether it is a proxy's upgrade: with the token, and from no page of others. */
  mayPush(request: IncomingMessage): boolean;
};

export type AccessOptions = {
  readonly token: string;
  /** Where we listen. */
  readonly bind: string;
  readonly port: number;
};

/** Decides who may come in to a client that listens there. */
export function createAccess({ token, bind, port }: AccessOptions): Access {
  const ownName = new URL(`http://${hostOf(bind)}`).hostname;
  const everywhere = bind === '0.0.0.0' || bind === '::';
  const isOurs = (host: string) => {
    if (!URL.canParse(`http://${host}`)) return false;
    const url = new URL(`http://${host}`);
    // An address cannot be led elsewhere as a name can.
    const isAuthenticated =
      url.hostname === ownName ||
      isLoopback(url.hostname) ||
      (everywhere && isAddress(url.hostname));
    return isAuthenticated && Number(url.port || 80) === port && url.host === host.toLowerCase();
  };
  const cookie = {
    name: `pmproxy-${port}`,
    // Not the token itself: programs on other ports of this machine are sent it as well.
    value: createHmac('sha256', token).update('page').digest('base64url'),
  };
  const isToken = comparer(token);
  const isCookie = comparer(cookie.value);

  const hasToken = (request: IncomingMessage) => {
    const given = bearerOf(request) ?? queryOf(request).get('token');
    return given !== null && isToken(given);
  };
  const hasCookie = (request: IncomingMessage) => isCookie(cookieOf(request, cookie.name));
  const isAuthenticated = (request: IncomingMessage) => hasCookie(request) || hasToken(request);
  const origin = ({ headers }: IncomingMessage) => {
    const given = headers.origin;
    if (given === undefined) return 'none';
    return given.startsWith('http://') && isOurs(given.slice('http://'.length)) ? 'ours' : 'other';
  };
  const site = ({ headers }: IncomingMessage) => headers['sec-fetch-site'];
  // Another port of this machine is the same site to a browser, and its pages are not ours.
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
  };
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start));
}

// Digests are of one length, so that the comparison takes the same time whatever is given.
function comparer(expected: string): (given: string) => boolean {
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

/** A listen address as it stands in a URL. */
export function hostOf(bind: string): string {
  return isIP(bind) === 6 ? `[${bind}]` : bind.toLowerCase();
}
