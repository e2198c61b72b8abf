import { parseTarget } from '../http/target.ts';
import { hasVariable } from './volatile.ts';

/** The scheme and the authority of a URL, of which any part may be a variable: `{{baseUrl}}`, `https://{{host}}:8080`. */
const START = /^(?:[a-z][a-z0-9+.-]*:\/\/|\{\{[^{}]+\}\}:\/\/)?[^/?#]*/i;

/** Names below it never exist (RFC 6761, 6.4). */
const NOWHERE = '.invalid';

/**
 * The URL of a call from a collection whose variables have no value, with a host that stands for any other:
 * `http://baseurl.invalid/users` for `{{baseUrl}}/users`. Other URLs stay as they are.
 */
export function withHost(url: string): string {
  const [start = ''] = START.exec(url) ?? [];
  // The variable may be a password.
  if (!hasVariable(start.slice(start.lastIndexOf('@') + 1))) return url;
  const names = [...start.matchAll(/\{\{([^{}]+)\}\}/g)].map(([, name = '']) => name);
  const name = names
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `http://${name || 'host'}${NOWHERE}${url.slice(start.length)}`;
}

/** Whether an origin stands for any other. */
export function isAnyHost(origin: string): boolean {
  return parseTarget(origin).host.endsWith(NOWHERE);
}
