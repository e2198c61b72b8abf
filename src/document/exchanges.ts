import { contentTypeOf } from '../collection/content-type.ts';
import { bytesOfText } from '../collection/text.ts';
import type { Collection, Example, Item, ItemRequest } from '../collection.ts';
import {
  type Body,
  type Exchange,
  type Header,
  headerValue,
  type RecordedRequest,
  type RecordedResponse,
  type Recording,
} from '../exchange.ts';
import { addedBy } from './authorization.ts';
import { bodyText } from './body-text.ts';
import { itemsOf, type PlacedItem } from './items.ts';
import { type Resolve, resolver } from './resolving.ts';
import { sentBody } from './sent.ts';
import { enabled, sentUrl } from './url.ts';

/**
 * Makes of the items of a collection the exchanges that a runner would have: one for each example, and one without an
 * answer for a request that none of its examples answers. An item without a URL makes none.
 *
 * @param environment the values of variables beside those of the collection; what has none stays as it is written
 */
export async function* exchangesOf(
  collection: Collection,
  environment?: ReadonlyMap<string, string>,
): AsyncGenerator<Exchange> {
  let seq = 0;
  for await (const placed of itemsOf(collection)) {
    const resolve = resolver(placed.variables, environment);
    const { item, examples } = placed;
    const own = requestOf(item.request, placed, resolve);
    const answered = examples.map((example) => {
      const request = example.request ? requestOf(example.request, placed, resolve) : own;
      return { request, response: responseOf(example), example };
    });
    const isAnswered = answered.some(({ request }) => isSame(request, own));
    const all = isAnswered
      ? answered
      : [{ request: own, response: undefined, example: undefined }, ...answered];
    for (const { request, response, example } of all) {
      if (request.url === '') continue;
      seq += 1;
      yield {
        id: `item-${seq}`,
        seq,
        startedAt: item.startedAt ?? 0,
        request,
        outcome: { kind: 'completed', ...(response && { response }) },
        timings: { endMs: example?.durationMs ?? 0 },
        connection: {},
      };
    }
  }
}

type SentRequest = RecordedRequest & { readonly text?: string };

function isSame(one: SentRequest, other: SentRequest): boolean {
  const said = ({ method, url, headers, text }: SentRequest) => [method, url, headers, text];
  return JSON.stringify(said(one)) === JSON.stringify(said(other));
}

/** What a runner sends, with the auth of the request or of what is around it. */
function requestOf(
  request: ItemRequest,
  { item, auth }: PlacedItem,
  resolve: Resolve,
): SentRequest {
  const asks = request.auth ?? auth;
  const added = asks ? addedBy(asks, resolve) : { headers: [], query: [] };
  const names = new Set(added.headers.map(([name]) => name.toLowerCase()));
  const own = enabled(request.headers)
    .map(({ key, value }): Header => [resolve(key ?? ''), resolve(value ?? '')])
    .filter(([name]) => !names.has(name.toLowerCase()));
  const headers = [...own, ...added.headers];
  const body = sentBody(request, item.behavior);
  const boundary = contentTypeOf(headers)?.parameters.get('boundary');
  const sent = body && bodyText(body, resolve, boundary);
  const typed = sent?.type !== undefined && isTypeWanted(headers, sent.type, item);
  return {
    method: resolve(request.method),
    url: urlOf(resolve(sentUrl(request.url)), added.query),
    httpVersion: '1.1',
    headers: typed ? [...headers.filter(isNoContentType), ['Content-Type', sent.type]] : headers,
    ...(sent && { body: bodyOf(Buffer.from(sent.text)), text: sent.text }),
  };
}

function bodyOf(bytes: Uint8Array): Body {
  return { size: bytes.length, encoding: [], bytes: async () => bytes };
}

function isNoContentType([name]: Header): boolean {
  return name.toLowerCase() !== 'content-type';
}

/** A multipart body cannot be read without its boundary; any other type is added only where there is none. */
function isTypeWanted(headers: readonly Header[], type: string, { behavior }: Item): boolean {
  if (type.startsWith('multipart/')) return true;
  const disabled = behavior?.['disabledSystemHeaders'];
  const isPlain = typeof disabled === 'object' && disabled !== null && 'content-type' in disabled;
  return !isPlain && headerValue(headers, 'content-type') === undefined;
}

/** A URL without a scheme goes to `http`; a runner encodes what no request line can hold, and keeps its fragment. */
function urlOf(written: string, added: readonly Header[]): string {
  const [, text = '', query = ''] = /^([^?#]*)(\?[^#]*)?/.exec(written.trim()) ?? [];
  if (text === '') return '';
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/|^\{\{/i.test(text) ? text : `http://${text}`;
  const pairs = added.map(([name, value]) => `${name}=${value}`).join('&');
  const joined = pairs === '' ? query : `${query}${query === '' ? '?' : '&'}${pairs}`;
  return (absolute + joined)
    .replace(/^ws(s?):/i, 'http$1:')
    .replace(/\{\{[^{}]*\}\}|[^\x21-\x7e]+/g, (part) =>
      part.startsWith('{{') ? part : percentEncoded(part),
    );
}

function percentEncoded(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&');
}

/** As it was saved: braces in an answer are what the server said. */
function responseOf({ code, status, headers, body }: Example): RecordedResponse {
  const lines = headers.map(({ key, value }): Header => [key ?? '', value ?? '']);
  const bytes = body == null ? undefined : bytesOfText(body, contentTypeOf(lines));
  return {
    status: code ?? 200,
    statusText: status,
    httpVersion: '1.1',
    headers: lines,
    ...(bytes && { body: bodyOf(bytes) }),
  };
}

/** The same as a recording that is always read from its start. */
export function recordingOf(
  collection: Collection,
  environment: ReadonlyMap<string, string> | undefined,
): Recording {
  return { size: 0, read: () => exchangesOf(collection, environment) };
}
