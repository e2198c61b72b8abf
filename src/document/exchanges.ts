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
import { bytesOfText } from '../http/body-text.ts';
import { contentTypeOf } from '../http/content-type.ts';
import { addedBy, isStatic } from './authorization.ts';
import { bodyText, filesOf } from './body-text.ts';
import { type PlacedItem, stepsOf } from './items.ts';
import { type OnLoss, tellLosses } from './losses.ts';
import { type Resolve, resolver } from './resolving.ts';
import { hasPlainType, sentBody } from './sent.ts';
import { absolute, withQuery } from './sent-request.ts';
import { enabled, encodedUrl, sentUrl } from './url.ts';

/**
 * Makes the exchanges that a runner would have from the items of a collection: one for each example, and one without an
 * answer for a request that no example answers. An item without a URL is skipped.
 *
 * @param environment the values of variables outside the collection; variables without a value are kept
 */
export async function* exchangesOf(
  collection: Collection,
  environment?: ReadonlyMap<string, string>,
  onLoss: OnLoss = () => {},
): AsyncGenerator<Exchange> {
  let seq = 0;
  for await (const step of stepsOf(collection)) {
    tellLosses(step, onLoss, { examples: true });
    if (step.kind !== 'item') continue;
    const { placed } = step;
    tellUnsent(placed, onLoss);
    const resolve = resolver(placed.variables, environment);
    for (const { request, response, endMs } of callsOf(placed, resolve)) {
      seq += 1;
      yield {
        id: `item-${seq}`,
        seq,
        startedAt: placed.item.startedAt ?? 0,
        request,
        outcome: { kind: 'completed', ...(response && { response }) },
        timings: { endMs },
        connection: {},
      };
    }
  }
}

/** Values that are unknown before a request is sent. */
function tellUnsent({ item, auth, place }: PlacedItem, onLoss: OnLoss): void {
  const { request, behavior } = item;
  if (sentUrl(request.url) === '') onLoss({ kind: 'requests without a URL', place });
  if (auth && !isStatic(auth)) onLoss({ kind: `auth of type ${auth.type}`, place });
  const body = sentBody(request, behavior);
  const files =
    body?.mode === 'formdata'
      ? enabled(body.fields).flatMap(filesOf)
      : body?.mode === 'file'
        ? [body.src]
        : [];
  for (const _ of files) onLoss({ kind: 'the contents of uploaded files', place });
}

/** A request of an item and its answer. */
export type Call = {
  readonly request: RecordedRequest;
  readonly response?: RecordedResponse;
  readonly endMs: number;
};

/** The calls of an item: its own, unless an example answers it, and those of its examples. */
export function callsOf(placed: PlacedItem, resolve: Resolve): Call[] {
  const { item, examples } = placed;
  const own = requestOf(item.request, placed, resolve);
  const answered = examples.map((example) => ({
    request: example.request ? requestOf(example.request, placed, resolve) : own,
    response: responseOf(example),
    endMs: example.durationMs ?? 0,
  }));
  const isAnswered = answered.some(({ request }) => isSame(request, own));
  const calls = isAnswered ? answered : [{ request: own, endMs: 0 }, ...answered];
  return calls.filter(({ request }) => request.url !== '');
}

type SentRequest = RecordedRequest & { readonly text?: string };

function isSame(one: SentRequest, other: SentRequest): boolean {
  const said = ({ method, url, headers, text }: SentRequest) => [method, url, headers, text];
  return JSON.stringify(said(one)) === JSON.stringify(said(other));
}

/** The request that a runner sends, with its own or inherited auth. */
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

/** A multipart body is unreadable without its boundary; other types are added only if missing. */
function isTypeWanted(headers: readonly Header[], type: string, { behavior }: Item): boolean {
  if (type.startsWith('multipart/')) return true;
  return !hasPlainType(behavior) && headerValue(headers, 'content-type') === undefined;
}

function urlOf(written: string, added: readonly Header[]): string {
  return encodedUrl(withQuery(absolute(written), added)).replace(/^ws(s?):/i, 'http$1:');
}

/** The answer as saved: braces in it come from the server. */
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

/**
 * The exchanges as a recording that is always read from its start. The collection was already searched for secrets, so
 * the recording is not: it is treated like one that is still being made.
 */
export function recordingOf(
  collection: Collection,
  environment: ReadonlyMap<string, string> | undefined,
  onLoss?: OnLoss,
): Recording {
  let tell = onLoss;
  return {
    size: 0,
    live: true,
    read() {
      const told = tell;
      // Later readings have already been reported.
      tell = undefined;
      return exchangesOf(collection, environment, told);
    },
  };
}
