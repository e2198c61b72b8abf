import { createHash } from 'node:crypto';
import type { Header } from '../exchange.ts';
import { createNamedSecrets, type NamedSecrets, type Replace } from './named-secrets.ts';
import { nameFrom, type VariableNames } from './variables.ts';

/** Puts variables in the place of secret values; the same value gets the same variable everywhere. */
export type Secrets = NamedSecrets & {
  /** A header line of a request or an answer, its secret values replaced. */
  header(header: Header): Header;
  /** The `user:password` of a URL, replaced. */
  userinfo(value: string): string;
  /** An absolute URL: its userinfo, its query and what else is secret in it. */
  url(url: string): string;
  /** A text of any kind; `essence` is its media type in lower case, where one is known. */
  text(text: string, essence?: string): string;
  /** False where secrets are kept, so that nothing is ever replaced. */
  readonly active: boolean;
  /** The variables that stand for secrets so far, in the order in which they were needed. */
  readonly variables: readonly string[];
};

export type SecretsOptions = {
  /** `keep` leaves every value as it is. */
  readonly mode: 'redact' | 'env' | 'keep';
  readonly names: VariableNames;
  /** Further names of headers, query and form fields and JSON keys whose values are secret. */
  readonly redact?: readonly string[] | undefined;
  /** The variable that stands for a value already; it is filled elsewhere and not told of. */
  readonly variableFor?: ((value: string) => string | undefined) | undefined;
  /** Told once for each secret value that was replaced. */
  readonly onSecret?: ((variable: string, value: string) => void) | undefined;
};

/** Starts with no secret known. */
export function createSecrets(options: SecretsOptions): Secrets {
  const variables: string[] = [];
  const known = new Map<string, string>();
  const replace: Replace = (wanted, value) => {
    if (value === '') return value;
    const key = keyOf(value);
    let name = known.get(key) ?? options.variableFor?.(value);
    if (name === undefined) {
      // Taken out before, by whoever pushed it here: its variable stands for it still.
      const before = VARIABLE.exec(value)?.[1];
      name = before ?? options.names.claim(wanted);
      known.set(key, name);
      variables.push(name);
      if (before === undefined) options.onSecret?.(name, value);
    }
    return `{{${name}}}`;
  };
  const keep = options.mode === 'keep';
  const named = createNamedSecrets(keep ? [] : (options.redact ?? []), (name, value) =>
    replace(nameFrom(name) || 'secret', value),
  );
  const userinfo = (value: string) => (keep ? value : replaceUserinfo(value, replace));
  return {
    ...named,
    variables,
    header: (header) => (keep ? header : replaceHeader(header, replace, named)),
    userinfo,
    url: (url) => (keep ? url : replaceInUrl(url, userinfo, named)),
    text: (text, essence) => (essence === FORM ? named.query(text) : named.json(text)),
    active: !keep,
  };
}

const VARIABLE = /^\{\{([A-Za-z_]\w*)\}\}$/;

const FORM = 'application/x-www-form-urlencoded';

const URL_PARTS = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?([^?#]*)(?:\?([^#]*))?(.*)$/is;

function replaceInUrl(
  url: string,
  userinfo: Secrets['userinfo'],
  { query: redactQuery }: NamedSecrets,
): string {
  const match = URL_PARTS.exec(url);
  if (match === null) return url;
  const [, scheme = '', user, place = '', query, fragment = ''] = match;
  const before = user === undefined ? scheme : `${scheme}${userinfo(user)}@`;
  return `${before}${place}${query === undefined ? '' : `?${redactQuery(query)}`}${fragment}`;
}

/** Long values are remembered by their hash, so that memory does not grow with them. */
function keyOf(value: string): string {
  return value.length <= 64 ? value : createHash('sha256').update(value).digest('base64');
}

function replaceHeader(header: Header, replace: Replace, named: NamedSecrets): Header {
  const [name, value] = header;
  switch (name.toLowerCase()) {
    case 'authorization':
    case 'proxy-authorization':
      return [name, replaceCredentials(value, replace)];
    case 'cookie':
    case 'cookie2':
      return [
        name,
        value
          .split(';')
          .map((pair) => replaceCookie(pair, replace))
          .join(';'),
      ];
    case 'set-cookie':
    case 'set-cookie2':
      return [name, replaceSetCookie(value, replace)];
    default:
      return [name, named.field(name, value)];
  }
}

/** `Scheme credentials` (RFC 9110, 11.4): the scheme stays legible. */
function replaceCredentials(value: string, replace: Replace): string {
  const match = /^([A-Za-z][A-Za-z0-9._~+-]*)(\s+)(.+)$/s.exec(value);
  if (match === null) return replace('authorization', value);
  const [, scheme = '', space = '', credentials = ''] = match;
  const wanted = scheme.toLowerCase() === 'bearer' ? 'bearer_token' : `${nameFrom(scheme)}_auth`;
  return `${scheme}${space}${replace(wanted, credentials)}`;
}

/** One `name=value` of a cookie: the name stays legible. One without a name is all value (RFC 6265bis, 5.6). */
function replaceCookie(pair: string, replace: Replace): string {
  const equals = pair.indexOf('=');
  if (equals < 0) {
    const value = pair.trim();
    return pair.replace(value, () => replace('cookie', value));
  }
  const name = pair.slice(0, equals);
  const wanted = nameFrom(name);
  const value = pair.slice(equals + 1).trim();
  return `${name}=${replace(wanted === '' ? 'cookie' : `cookie_${wanted}`, value)}`;
}

function replaceSetCookie(value: string, replace: Replace): string {
  const end = value.indexOf(';');
  const pair = end < 0 ? value : value.slice(0, end);
  return replaceCookie(pair, replace) + (end < 0 ? '' : value.slice(end));
}

function replaceUserinfo(value: string, replace: Replace): string {
  const colon = value.indexOf(':');
  if (colon < 0) return replace('url_user', value);
  return `${value.slice(0, colon)}:${replace('url_password', value.slice(colon + 1))}`;
}
