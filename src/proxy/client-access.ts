import { createHash, timingSafeEqual } from 'node:crypto';
import type { Header } from '../exchange.ts';

/** Checks whether clients know the proxy's user and password. */
export type ClientAccess = {
  /** Whether the value of a Proxy-Authorization or Authorization line has the credentials (RFC 7617, 2). */
  admits(authorization: string | undefined): boolean;
  /** Whether SOCKS credentials are the right ones (RFC 1929, 2). */
  admitsPair(user: Uint8Array, password: Uint8Array): boolean;
};

/** Asks a client of the proxy for credentials (RFC 9110, 11.7.1). */
export const proxyChallenge: Header = [
  'proxy-authenticate',
  'Basic realm="pmproxy", charset="UTF-8"',
];

/** Asks a client that addresses the proxy as a server for credentials (RFC 9110, 11.6.1). */
export const serverChallenge: Header = [
  'www-authenticate',
  'Basic realm="pmproxy", charset="UTF-8"',
];

/**
 * Checks clients against one user and password. The time of a check does not depend on where they differ.
 *
 * @param credentials `user:password`
 */
export function createClientAccess(credentials: string): ClientAccess {
  const expected = digest(Buffer.from(credentials));
  const isRight = (given: Uint8Array) => timingSafeEqual(digest(given), expected);
  return {
    admits(authorization) {
      const [, encoded] = /^basic +([a-z\d+/=]+) *$/i.exec(authorization ?? '') ?? [];
      return encoded !== undefined && isRight(Buffer.from(encoded, 'base64'));
    },
    admitsPair: (user, password) => isRight(Buffer.concat([user, Buffer.from(':'), password])),
  };
}

/** The header lines without the credentials for the proxy, which are neither forwarded nor recorded. */
export function withoutCredentials(
  headers: readonly Header[],
  access: ClientAccess,
): readonly Header[] {
  return headers.filter(
    ([name, value]) => !/^(?:proxy-)?authorization$/i.test(name) || !access.admits(value),
  );
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
