import type { Auth, ItemBody } from '../collection.ts';
import { type Header, headerValue } from '../exchange.ts';
import { addedBy, isStatic } from './authorization.ts';
import { typeOfBody } from './body-text.ts';
import type { PlacedItem } from './items.ts';
import { hasPlainType, sentBody } from './sent.ts';
import { enabled, sentUrl } from './url.ts';

/** A request as a runner sends it, with its variables still in it. */
export type SentRequest = {
  readonly method: string;
  /** With a scheme, unless it begins with a variable, and without a fragment; empty where there is none. */
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body?: ItemBody;
  /** What has to be sent to say who asks, beyond the headers and the URL. */
  readonly auth?: Auth;
};

/**
 * What is sent of an item: nothing that is switched off, and what its auth helper adds.
 *
 * @param isOwn says which auth helpers the format has words for, which then add nothing
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

/** A URL without a scheme goes to `http`; what follows `#` is not sent. */
export function absolute(url: string): string {
  const [text = ''] = url.trim().split('#', 1);
  if (text === '' || /^(?:[a-z][a-z0-9+.-]*:\/\/|\{\{)/i.test(text)) return text;
  return `http://${text}`;
}

/** The URL with further parameters. */
export function withQuery(url: string, added: readonly Header[]): string {
  if (added.length === 0 || url === '') return url;
  const pairs = added.map(([name, value]) => `${name}=${value}`).join('&');
  return `${url}${url.includes('?') ? '&' : '?'}${pairs}`;
}
