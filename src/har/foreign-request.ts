import { type Body, type Header, headerValue } from '../exchange.ts';
import { parseContentType } from '../http/content-type.ts';
import { parseTarget } from '../http/target.ts';
import { cutWhereShort, requestBody } from './body.ts';
import { withCookies } from './foreign-cookies.ts';
import { formOf } from './foreign-form.ts';
import { asciiUrl } from './foreign-text.ts';
import { type ReadRequest, readPairs, textOfValue } from './schema.ts';

type SentRequest = {
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body?: Body;
};

/**
 * Restores a request as it was sent from an entry of another program. Programs keep parts of it outside the URL and the
 * header lines: the query, the cookies, form fields and the media type in HAR's lists, a binary body beside
 * `postData`.
 *
 * @param headers the header lines that the entry has
 * @param httpVersion `1.1`
 */
export function foreignRequest(
  request: ReadRequest,
  headers: readonly Header[],
  httpVersion: string,
): SentRequest {
  const url = sentUrl(request);
  const { body, contentType } = bodyOf(request, headers);
  const typed = body && contentType ? withContentType(headers, contentType) : headers;
  const named = httpVersion.startsWith('1') ? withHost(typed, url) : typed;
  return { url, headers: withCookies(named, request.cookies), ...(body && { body }) };
}

/** Removes the fragment, which no client sends (RFC 9110, 7.1), and adds a query that is only in its list. */
function sentUrl({ url, queryString }: ReadRequest): string {
  const sent = asciiUrl(url.replace(/^ws(s?):/i, 'http$1:').replace(/#.*$/s, ''));
  if (sent.includes('?')) return sent;
  const pairs = readPairs(queryString).map(({ name, value }) =>
    [name, textOfValue(value)].map(encodeURIComponent).join('='),
  );
  return pairs.length === 0 ? sent : `${sent}?${pairs.join('&')}`;
}

type TypedBody = { readonly body: Body | undefined; readonly contentType: string };

function bodyOf(
  { postData, _content, bodySize }: ReadRequest,
  headers: readonly Header[],
): TypedBody {
  const told = headerValue(headers, 'content-type');
  const contentType = told ?? mediaType(postData?.mimeType);
  // HTTP Toolkit writes a binary body to a separate field.
  const written = postData?.text ? postData : { ...postData, ..._content };
  const form = written.text ? undefined : formOf(postData?.params ?? [], contentType);
  const type = form?.contentType ?? contentType;
  const text = form?.text ?? written.text;
  const sent = text ? { mimeType: type, ...written, text } : undefined;
  const body = requestBody(sent, bodySize, withContentType(headers, type), true);
  return { body: body && cutWhereShort(body, headers), contentType: type };
}

/** Chromium writes `x-unknown` for an unknown type. */
function mediaType(text = ''): string {
  return parseContentType(text).essence.includes('/') ? text : '';
}

function withContentType(headers: readonly Header[], value: string): readonly Header[] {
  const told = headerValue(headers, 'content-type');
  if (value === '' || told === value) return headers;
  if (told === undefined) return [...headers, ['Content-Type', value]];
  return headers.map((header) =>
    header[0].toLowerCase() === 'content-type' ? [header[0], value] : header,
  );
}

/** Adds a missing Host line: every HTTP/1.1 request has one (RFC 9112, 3.2). */
function withHost(headers: readonly Header[], url: string): readonly Header[] {
  if (headerValue(headers, 'host') !== undefined) return headers;
  const { host, port } = parseTarget(url);
  if (host === '') return headers;
  return [['Host', port === undefined ? host : `${host}:${port}`], ...headers];
}
