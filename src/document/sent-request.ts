import type { Auth, ItemBody } from '../collection.ts';
import { type Header, headerValue } from '../exchange.ts';
import { addedBy, isStatic } from './authorization.ts';
import { typeOfBody } from './body-text.ts';
import type { PlacedItem } from './items.ts';
import { hasPlainType, sentBody } from './sent.ts';
import { enabled, sentUrl } from './url.ts';

/** A request as a runner sends it, with variables unresolved. */
export type SentRequest = {
  readonly method: string;
  /** With a scheme, unless it begins with a variable; without a fragment; empty if there is no URL. */
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body?: ItemBody;
  /** What authentication adds to the headers and the URL. */
  readonly auth?: Auth;
};

/**
 * What is sent for an item: the enabled parts, and what its auth helper adds.
 *
 * @param isOwn whether the format can express an auth helper, which then adds nothing
 */
export function sentRequest(placed: PlacedItem, isOwn: (auth: Auth) => boolean): SentRequest {
  const { item, auth } = placed;
  const { request } = item;
  const isAdded = auth !== undefined && isStatic(auth) && !isOwn(auth);
  const added = isAdded ? addedBy(auth, (text) => text) : { headers: [], query: [] };
  const replaced = new Set(added.headers.map(([name]) => name.toLowerCase()));
  if (auth && isOwn(auth)) replaced.add('authorization');
  const own = enabled(request.headers)
    .map(({ key, value }): Header => [key ?? '', value ?? ''])
    .filter(([name]) => !replaced.has(name.toLowerCase()));
  const body = sentBody(request, item.behavior);
  const headers = [...own, ...added.headers];
  const type = body && typeOfBody(body);
  const isTyped = headerValue(headers, 'content-type') !== undefined || hasPlainType(item.behavior);
  return {
    method: request.method,
    url: withQuery(absolute(sentUrl(request.url)), added.query),
    headers: type && !isTyped ? [...headers, ['Content-Type', type]] : headers,
    ...(body && { body }),
    ...(auth && !isAdded && { auth }),
  };
}

/** A URL without a scheme uses `http`; the fragment is not sent. */
export function absolute(url: string): string {
  const [text = ''] = url.trim().split('#', 1);
  if (text === '' || /^(?:[a-z][a-z0-9+.-]*:\/\/|\{\{)/i.test(text)) return text;
  return `http://${text}`;
}

/** The URL with additional parameters. */
export function withQuery(url: string, added: readonly Header[]): string {
  if (added.length === 0 || url === '') return url;
  const pairs = added.map(([name, value]) => `${name}=${value}`).join('&');
  return `${url}${url.includes('?') ? '&' : '?'}${pairs}`;
}
