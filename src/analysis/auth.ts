import type { Exchange, Header } from '../exchange.ts';
import type { Secrets } from '../secrets/secrets.ts';

/** A request's authentication that a collection can set for all of its requests. */
export type Auth =
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  /** Requests never contain the password (RFC 7616, 3.4). */
  | {
      readonly type: 'digest';
      readonly username: string;
      readonly realm: string;
      /** An algorithm from RFC 7616, 6.1, if the request names one. */
      readonly algorithm?: string;
    }
  | { readonly type: 'apikey'; readonly header: string; readonly value: string };

const KEY_HEADERS = new Set(['x-api-key', 'api-key', 'apikey', 'x-apikey', 'x-auth-token']);

/** Whether a header (any case) carries authentication. */
export function isAuthHeader(name: string): boolean {
  const key = name.toLowerCase();
  return key === 'authorization' || KEY_HEADERS.has(key);
}

/**
 * The exchange as written if a folder or the collection sets `auth`. Digest credentials are valid for one
 * request (RFC 7616, 3.4) and a runner makes its own, so their header is removed.
 */
export function askedBy(auth: Auth | undefined, exchange: Exchange): Exchange {
  if (auth?.type !== 'digest') return exchange;
  const { request } = exchange;
  const headers = request.headers.filter(([name]) => !isAuthHeader(name));
  return { ...exchange, request: { ...request, headers } };
}

/** Reads the authentication from a request's headers; undefined if no header or more than one carries it. */
export function authOf(headers: readonly Header[]): Auth | undefined {
  const found = headers.filter(([name]) => isAuthHeader(name));
  const [header] = found;
  if (header === undefined || found.length > 1) return undefined;
  const [name, value] = header;
  if (name.toLowerCase() !== 'authorization') return { type: 'apikey', header: name, value };
  const [, scheme = '', credentials = ''] = /^(\w+) (\S.*)$/s.exec(value) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      // A runner spells the scheme this way.
      return scheme === 'Bearer' ? { type: 'bearer', token: credentials } : undefined;
    case 'basic':
      return scheme === 'Basic' ? basic(credentials) : undefined;
    case 'digest':
      return digestOf(credentials);
    default:
      return undefined;
  }
}

/** RFC 7617, 2. Only credentials that encode back to the same text are decoded. */
function basic(credentials: string): Auth | undefined {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || Buffer.from(text).toString('base64') !== credentials) return undefined;
  return { type: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function digestOf(credentials: string): Auth | undefined {
  const username = /\busername="([^"\\]*)"/.exec(credentials)?.[1];
  const realm = /\brealm="([^"\\]*)"/.exec(credentials)?.[1];
  if (username === undefined || realm === undefined) return undefined;
  const named = /\balgorithm="?([\w-]+)/i.exec(credentials)?.[1]?.toLowerCase();
  if (named === undefined) return { type: 'digest', username, realm };
  const algorithm = DIGEST_ALGORITHMS.find((known) => known.toLowerCase() === named);
  return algorithm === undefined ? undefined : { type: 'digest', username, realm, algorithm };
}

/** As a runner spells them; the first is its default. */
const DIGEST_ALGORITHMS = [
  'MD5',
  'MD5-sess',
  'SHA-256',
  'SHA-256-sess',
  'SHA-512-256',
  'SHA-512-256-sess',
];

/** Authentication for a runner, with Postman's attribute names. */
export type WrittenAuth = {
  readonly type: Auth['type'];
  readonly attributes: readonly (readonly [key: string, value: string])[];
};

/** The variable to fill in for a password that the recording does not contain. */
export const DIGEST_PASSWORD = 'digest_password';

/**
 * Writes authentication, with secret values replaced.
 *
 * @param variableFor the variable that a script fills with this value
 */
export function writtenAuth(
  auth: Auth,
  secrets: Secrets,
  variableFor: (value: string) => string | undefined,
): WrittenAuth {
  const { type } = auth;
  switch (auth.type) {
    case 'bearer': {
      const variable = variableFor(auth.token);
      const [, value] = secrets.header(['Authorization', `Bearer ${auth.token}`]);
      const token = variable === undefined ? value.slice('Bearer '.length) : `{{${variable}}}`;
      return { type, attributes: [['token', token]] };
    }
    case 'basic': {
      const { username, password } = auth;
      // Without a password the name is the secret.
      const name = secrets.field(password === '' ? 'token' : userField(username), username);
      const hidden = secrets.field('password', password);
      return {
        type,
        attributes: [
          ['username', name],
          ['password', hidden],
        ],
      };
    }
    case 'digest': {
      const name = secrets.field(userField(auth.username), auth.username);
      // Passed through redaction so that it is declared with the other secrets.
      const password = secrets.field('password', `{{${DIGEST_PASSWORD}}}`);
      return {
        type,
        attributes: [
          ['username', name],
          ['realm', auth.realm],
          ['password', password],
          ...(auth.algorithm === undefined ? [] : [['algorithm', auth.algorithm] as const]),
        ],
      };
    }
    case 'apikey': {
      const variable = variableFor(auth.value);
      const [, value] = secrets.header([auth.header, auth.value]);
      const written = variable === undefined ? value : `{{${variable}}}`;
      return {
        type,
        attributes: [
          ['key', auth.header],
          ['value', written],
          ['in', 'header'],
        ],
      };
    }
  }
}

function userField(username: string): string {
  return username.includes('@') ? 'email' : 'username';
}
