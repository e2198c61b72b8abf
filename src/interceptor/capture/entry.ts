import type { HarEntry, HarNameValue } from '../../sync/wire/page-events.ts';
import { utf8Of } from './base64.ts';
import type { Call, CallBodies, CallResponse, ResponseBody } from './call.ts';
import { knownSize, postDataOf } from './post-data.ts';
import type { WebRequestHeader } from './web-request.ts';

/** Bodies are cut at so many bytes, or characters of text. */
export const maxBodySize = 1024 * 1024;

/**
 * Writes a call as an entry of a HAR file, as the network panel of Chromium does: cookies are in the header lines, and a
 * call without a response has the status 0 and an `_error`.
 *
 * @param bodies what the debugger has read
 */
export function entryOf(call: Call, bodies: CallBodies = {}): HarEntry {
  const { startedAt, sentAt, endedAt, response, error, ip } = call;
  const headAt = response?.at ?? endedAt;
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: endedAt - startedAt,
    request: requestOf(call, bodies.postData),
    response: responseOf(response, bodies.response, error),
    cache: {},
    timings: {
      blocked: Math.max(sentAt - startedAt, 0),
      send: 0,
      wait: Math.max(headAt - sentAt, 0),
      receive: Math.max(endedAt - headAt, 0),
    },
    ...(ip !== undefined && { serverIPAddress: ip }),
    ...(call.type === 'websocket' && { _resourceType: 'websocket' }),
  };
}

function requestOf(call: Call, sentText: string | undefined): HarEntry['request'] {
  const { method, url, requestHeaders, requestBody } = call;
  const headers = namesAndValues(requestHeaders);
  const mimeType = valueNamed(headers, 'content-type') ?? '';
  const postData = requestBody && postDataOf(requestBody, mimeType, maxBodySize, sentText);
  return {
    method,
    url,
    httpVersion: versionOf(call.response?.statusLine) ?? 'HTTP/1.1',
    cookies: [],
    headers,
    queryString: [...new URL(url).searchParams].map(([name, value]) => ({ name, value })),
    ...(postData && { postData }),
    headersSize: -1,
    bodySize: (requestBody && knownSize(requestBody)) || -1,
  };
}

function responseOf(
  response: CallResponse | undefined,
  body: ResponseBody | undefined,
  error: string | undefined,
): HarEntry['response'] {
  const headers = namesAndValues(response?.headers ?? []);
  return {
    status: response?.status ?? 0,
    statusText: /^\S+ +\d+ +(.*)$/.exec(response?.statusLine ?? '')?.[1] ?? '',
    httpVersion: versionOf(response?.statusLine) ?? '',
    cookies: [],
    headers,
    content: contentOf(headers, body),
    redirectURL: valueNamed(headers, 'location') ?? '',
    headersSize: -1,
    bodySize: -1,
    ...(error !== undefined && { _error: error }),
  };
}

function contentOf(
  headers: readonly HarNameValue[],
  body: ResponseBody | undefined,
): HarEntry['response']['content'] {
  const mimeType = valueNamed(headers, 'content-type') ?? 'x-unknown';
  const announced = Number(valueNamed(headers, 'content-length') ?? 0) || 0;
  if (body === undefined) return { size: announced, mimeType };
  const { body: whole, base64Encoded } = body;
  // Four characters of base64 are three bytes.
  const text = whole.slice(0, base64Encoded ? Math.floor(maxBodySize / 3) * 4 : maxBodySize);
  return {
    size: base64Encoded ? Math.floor((whole.length * 3) / 4) : new Blob([whole]).size,
    mimeType,
    text,
    ...(base64Encoded && { encoding: 'base64' as const }),
    ...(text.length < whole.length && { _cut: true as const }),
  };
}

function namesAndValues(headers: readonly WebRequestHeader[]): HarNameValue[] {
  return headers.map(({ name, value, binaryValue }) => ({
    name,
    value: value ?? (binaryValue ? binaryText(new Uint8Array(binaryValue)) : ''),
  }));
}

// Header values are Latin-1 unless they are UTF-8.
function binaryText(bytes: Uint8Array): string {
  return utf8Of(bytes) ?? String.fromCharCode(...bytes);
}

function valueNamed(headers: readonly HarNameValue[], name: string): string | undefined {
  return headers.find((header) => header.name.toLowerCase() === name)?.value;
}

function versionOf(statusLine: string | undefined): string | undefined {
  return /^HTTP\/[\d.]+/.exec(statusLine ?? '')?.[0];
}
