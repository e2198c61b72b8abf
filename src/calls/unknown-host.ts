import { parseTarget } from '../http/target.ts';

/** A scheme and a host of which at least one part is a variable without a value: `{{baseUrl}}`, `https://{{host}}:8080`. */
const OPEN =
  /^(?:[a-z][a-z0-9+.-]*:\/\/|\{\{[^{}]+\}\}:\/\/)?(?:[^/?#{]|\{(?!\{))*\{\{[^{}]+\}\}(?:[^/?#{}]|\{\{[^{}]+\}\})*/i;

/** Names below it never exist (RFC 6761, 6.4). */
const NOWHERE = '.invalid';

/**
 * The URL of a call from a collection whose variables have no value, with a host that stands for any other:
 * `http://baseurl.invalid/users` for `{{baseUrl}}/users`. Other URLs stay as they are.
 */
export function withHost(url: string): string {
  const [open] = OPEN.exec(url) ?? [];
  // The variable may be a password.
  if (!open?.slice(open.lastIndexOf('@') + 1).includes('{{')) return url;
  const names = [...open.matchAll(/\{\{([^{}]+)\}\}/g)].map(([, name = '']) => name);
  const name = names
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `http://${name || 'host'}${NOWHERE}${url.slice(open.length)}`;
}

/** Whether an origin stands for any other. */
export function isAnyHost(origin: string): boolean {
  return parseTarget(origin).host.endsWith(NOWHERE);
}
