import { contentTypeOf } from '../../collection/content-type.ts';
import { bytesOfText } from '../../collection/text.ts';
import {
  type Exchange,
  type Header,
  headerValue,
  type RecordedRequest,
  type RecordedResponse,
} from '../../exchange.ts';
import { addedBy } from './authorization.ts';
import { sentBody } from './body.ts';
import type { Call, CallResponse, Field } from './call.ts';
import { resolved } from './resolving.ts';

/**
 * Makes of a saved call the exchange that a runner would have with its server: variables resolved, the auth helper and
 * the body written out. Without an example it is completed and has no answer.
 *
 * @param folders in which the files that it sends are looked for
 * @throws UserError when a file that it sends cannot be read
 */
export function exchangeOfCall(call: Call, seq: number, folders: readonly string[]): Exchange {
  const { response } = call;
  return {
    id: `call-${seq}`,
    seq,
    startedAt: call.startedAt,
    request: requestOf(call, folders),
    outcome: {
      kind: 'completed',
      ...(response && { response: responseOf(response) }),
    },
    timings: { endMs: response?.durationMs ?? 0 },
    connection: {},
  };
}

function requestOf({ request, scope, path }: Call, folders: readonly string[]): RecordedRequest {
  const resolve = (text: string) => resolved(text, scope.variables);
  const added = addedBy(request.auth ?? scope.auth, resolve);
  const own = request.headers.map(([name, value]): Header => [resolve(name), resolve(value)]);
  const headers = [...own, ...added.headers.filter(([name]) => !holds(own, name))];
  const boundary = contentTypeOf(headers)?.parameters.get('boundary');
  const sent = request.body && sentBody(request.body, { resolve, folders, path, boundary });
  const adds = sent?.type !== undefined && isTypeWanted(headers, sent.type, request.plainType);
  return {
    method: resolve(request.method) || 'GET',
    url: urlOf(request.url, request.pathVariables, added.query, resolve),
    httpVersion: '1.1',
    headers: adds ? [...headers.filter(isNoContentType), ['Content-Type', sent.type]] : headers,
    ...(sent && { body: sent.body }),
  };
}

function holds(headers: readonly Header[], name: string): boolean {
  return headerValue(headers, name.toLowerCase()) !== undefined;
}

function isNoContentType([name]: Header): boolean {
  return name.toLowerCase() !== 'content-type';
}

/** A multipart body cannot be read without its boundary; any other type is added only where there is none. */
function isTypeWanted(
  headers: readonly Header[],
  type: string,
  plain: boolean | undefined,
): boolean {
  if (type.startsWith('multipart/')) return true;
  return plain !== true && !holds(headers, 'Content-Type');
}

/** `:name` in a path is a variable where it is defined; a URL without a scheme goes to `http`. */
function urlOf(
  raw: string,
  pathVariables: readonly Field[],
  query: readonly Field[],
  resolve: (text: string) => string,
): string {
  const values = new Map(pathVariables.filter(([, value]) => value !== ''));
  const end = raw.search(/[?#]/);
  const [place, rest] = end < 0 ? [raw, ''] : [raw.slice(0, end), raw.slice(end)];
  const path = place.replace(
    /(?<=\/):([^/]+)/g,
    (segment, name: string) => values.get(name) ?? segment,
  );
  const url = resolve(withQuery(path + rest, query)).trim();
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/|^\{\{/i.test(url) ? url : `http://${url}`;
  // A runner encodes what no request line can hold.
  return absolute
    .replace(/^ws(s?):/i, 'http$1:')
    .replace(/\{\{[^{}]*\}\}|[^\x21-\x7e]+/g, (part) =>
      part.startsWith('{{') ? part : percentEncoded(part),
    );
}

function percentEncoded(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&');
}

function withQuery(url: string, query: readonly Field[]): string {
  if (query.length === 0) return url;
  const added = query.map(([name, value]) => `${name}=${value}`).join('&');
  const [, before = '', fragment = ''] = /^([^#]*)(#.*)?$/s.exec(url) ?? [];
  return `${before}${before.includes('?') ? '&' : '?'}${added}${fragment}`;
}

/** As it was saved: braces in an answer are what the server said. */
function responseOf({ status, statusText, headers, text }: CallResponse): RecordedResponse {
  const read = () => bytesOfText(text ?? '', contentTypeOf(headers));
  return {
    status,
    statusText,
    httpVersion: '1.1',
    headers,
    ...(text !== undefined && {
      body: { size: read().length, encoding: [], bytes: async () => read() },
    }),
  };
}
