import { isIP } from 'node:net';
import picomatch from 'picomatch';
import { z } from 'zod';
import { describeError } from '../errors.ts';

/** Tests whether an absolute URL matches. */
export type UrlPattern = (url: string) => boolean;

/** Tests whether a host matches: its name or its address without brackets, and its port. */
export type HostPattern = (hostname: string, port: number) => boolean;

type Parts = {
  readonly scheme: string;
  /** In lower case, with an IPv6 address in brackets. */
  readonly host: string;
  readonly port: number;
  readonly usualPort: number;
  readonly path: string;
  readonly query: string;
};

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 };

/** `*`, a name, `*.name` or an IPv6 address in brackets, with an optional port. */
const HOST = /^(\*|(?:\*\.)?[^\s*/?#@[\]:]+|\[[0-9a-f:.]+\])(?::(\d+))?$/i;

/** Compiles a pattern of `--url` or `--not-url` into a test. */
export const urlPattern = z.string().transform((given, context): UrlPattern => {
  try {
    return compileUrlPattern(given);
  } catch (error) {
    const reason = describeError(error).replace(/\.$/, '');
    context.addIssue(`${reason}; write a glob such as example.com/api/** or a /regex/`);
    return z.NEVER;
  }
});

/** Compiles a host, `*.example.com` (every subdomain) or `*`, each with an optional port, into a test. */
export const hostPattern = z.string().transform((given, context): HostPattern => {
  const bracketed = isIP(given) === 6 ? `[${given}]` : given;
  const [, host, port] = HOST.exec(bracketed) ?? [];
  if (host === undefined) {
    context.addIssue('write a host such as example.com or *.example.com');
    return z.NEVER;
  }
  return compileHost(host, port === undefined ? undefined : Number(port));
});

function compileHost(host: string, wantedPort: number | undefined): HostPattern {
  const wanted = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  const onPort = (port: number) => wantedPort === undefined || wantedPort === port;
  if (wanted === '*') return (_, port) => onPort(port);
  if (wanted.startsWith('*.')) {
    const ending = wanted.slice(1);
    return (hostname, port) => onPort(port) && hostname.toLowerCase().endsWith(ending);
  }
  return (hostname, port) => onPort(port) && hostname.toLowerCase() === wanted;
}

function compileUrlPattern(given: string): UrlPattern {
  if (given === '') throw new SyntaxError('the pattern is empty');
  // People type `g` by habit. It would make the expression keep state between tests.
  const regex = /^\/(.+)\/([gimsuv]*)$/.exec(given);
  if (regex !== null) {
    const expression = new RegExp(regex[1] ?? '', regex[2]?.replace('g', ''));
    return (url) => expression.test(url);
  }
  if (given.startsWith('/')) return byGlob(given, ({ path }) => path);
  if (!given.includes('/')) return byHost(given);
  const pattern = lowerHost(given);
  const authority = /^(?:[^/]*:\/\/)?[^/]*:(?:80|443)(?:\/|$)/.test(pattern)
    ? ({ host, port }: Parts) => `${host}:${port}`
    : ({ host, port, usualPort }: Parts) => (port === usualPort ? host : `${host}:${port}`);
  return pattern.includes('://')
    ? byGlob(pattern, (parts) => `${parts.scheme}://${authority(parts)}${parts.path}`)
    : byGlob(pattern, (parts) => authority(parts) + parts.path);
}

// A host without a port matches on every port.
function byHost(given: string): UrlPattern {
  const host = given.toLowerCase();
  const isMatch = glob(isIP(host) === 6 ? `[${host}]` : host);
  const named = isIP(host) !== 6 && /:[^\]]*$/.test(host);
  return (url) => {
    const parts = partsOf(url);
    return isMatch(named ? `${parts.host}:${parts.port}` : parts.host);
  };
}

// `?` matches any one character, so a URL that was pasted with its query matches itself.
function byGlob(pattern: string, subject: (parts: Parts) => string): UrlPattern {
  const isMatch = glob(pattern);
  const withQuery = pattern.includes('?');
  return (url) => {
    const parts = partsOf(url);
    const text = subject(parts);
    return isMatch(text) || (withQuery && parts.query !== '' && isMatch(text + parts.query));
  };
}

function glob(pattern: string): (text: string) => boolean {
  // The brackets of an IPv6 address are not a character class.
  const escaped = pattern.replace(/\[([0-9a-f.]*:[0-9a-f:.]+)\]/, '\\[$1\\]');
  return picomatch(escaped, { dot: true, strictBrackets: true, windows: false });
}

// Host names are case-insensitive, paths are not.
function lowerHost(pattern: string): string {
  return pattern.replace(/^(?:[^:/]*:\/\/)?[^/]*/, (host) => host.toLowerCase());
}

// Split by hand, because this runs for every request and must not throw on what `URL` rejects.
function partsOf(url: string): Parts {
  const [, scheme = '', authority = '', path = '', query = ''] =
    /^([^:/?#]*):\/\/(?:[^/?#]*@)?([^/?#]*)([^?#]*)(\?[^#]*)?/.exec(url) ?? [];
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority) ?? [];
  const lowerScheme = scheme.toLowerCase();
  const usualPort = DEFAULT_PORTS[lowerScheme] ?? 0;
  return {
    scheme: lowerScheme,
    host: host.toLowerCase(),
    port: port === undefined ? usualPort : Number(port),
    usualPort,
    path: path === '' ? '/' : path,
    query,
  };
}
