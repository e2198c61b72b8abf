import type {
  Connection,
  Exchange,
  GrpcCall,
  GrpcRecord,
  Header,
  Outcome,
  RecordedRequest,
  RecordedResponse,
  WebSocketMessage,
  WebSocketRecord,
} from '../exchange.ts';
import { parseContentType } from '../http/content-type.ts';
import { cutWhereShort, requestBody, responseBody } from './body.ts';
import { failureOf } from './failure.ts';
import { withSetCookies } from './foreign-cookies.ts';
import { foreignRequest } from './foreign-request.ts';
import { timingsOf } from './foreign-timings.ts';
import { headersOf } from './headers.ts';
import { type ReadEntry, type ReadRequest, type ReadResponse, readEntry } from './schema.ts';

/**
 * Reads an entry of a HAR file back into an exchange. Bodies have no content coding left but where `_codings` says so.
 *
 * @param entry as `entryOf`, Chromium, Firefox, Playwright, mitmproxy, Charles and others write it
 * @param seq its place in the order of arrival, from 1
 * @param path its location in the file, for messages
 * @throws UserError that names the JSON path of a missing required member
 */
export function exchangeOf(
  entry: unknown,
  seq: number,
  path = `log.entries[${seq - 1}]`,
): Exchange {
  const read = readEntry(entry, path);
  const webSocket = webSocketOf(read);
  return {
    id: read._id ?? `entry-${seq}`,
    seq,
    startedAt: Date.parse(read.startedDateTime),
    request: requestOf(read),
    outcome: outcomeOf(read),
    timings: read._timings ?? timingsOf(read),
    connection: read._connection ?? connectionOf(read),
    ...(webSocket && { webSocket }),
    ...(read._grpc && { grpc: grpcOf(read._grpc) }),
    ...(read._rewritten && { rewritten: read._rewritten }),
  };
}

function requestOf({ request, _outcome }: ReadEntry): RecordedRequest {
  const all = headersOf(request.headers);
  const httpVersion = versionOf(request.httpVersion);
  const isForeign = _outcome === undefined;
  const { url, headers, body } = isForeign
    ? foreignRequest(request, all, httpVersion)
    : ownRequest(request, all);
  return {
    method: request.method,
    url,
    httpVersion,
    headers: body?.encoding.length === 0 ? headers.filter(isNoCoding) : headers,
    ...(body && { body }),
    ...(request._trailers && { trailers: headersOf(request._trailers) }),
  };
}

/** Reads pmproxy's own request, which is stored as it was sent, in Latin-1. */
function ownRequest({ url, postData, bodySize }: ReadRequest, headers: readonly Header[]) {
  const sentUrl = url.replace(/^ws(s?):/i, 'http$1:');
  return { url: sentUrl, headers, body: requestBody(postData, bodySize, headers, false) };
}

/** A body that was written decoded must not claim a coding: no server could read its replay. */
function isNoCoding([name, value]: Header): boolean {
  return name.toLowerCase() !== 'content-encoding' || /^(identity)?$/i.test(value.trim());
}

function outcomeOf({ request, response, _outcome }: ReadEntry): Outcome {
  const answer = response ? responseOf(response, _outcome === undefined) : undefined;
  const partial = answer && { partial: answer };
  if (_outcome === undefined) return foreignOutcome(request.method, response, answer);
  const { kind, reason } = _outcome;
  if (kind === 'completed') return { kind, ...(answer && { response: answer }) };
  if (kind !== 'failed') return { kind, ...partial };
  return { kind, reason: reason ?? { kind: 'other', message: 'no reason was given' }, ...partial };
}

function foreignOutcome(
  method: string,
  response: ReadResponse | null | undefined,
  answer: RecordedResponse | undefined,
): Outcome {
  const error = response?._error || response?._failureText;
  const isWhole = !error || (answer !== undefined && hasNoBody(answer.status));
  if (isWhole && answer) return { kind: 'completed', response: wholeAnswer(answer, method) };
  const failure = failureOf(error || 'no answer was recorded');
  const partial = answer && { partial: answer };
  if (failure === 'aborted') return { kind: 'aborted', ...partial };
  return { kind: 'failed', reason: failure, ...partial };
}

/** Firefox adds the cached content to a 304, and an empty text to responses without a body (RFC 9110, 6.4.1). */
function wholeAnswer(answer: RecordedResponse, method: string): RecordedResponse {
  const { body, status, headers } = answer;
  if (body === undefined) return answer;
  if (method !== 'HEAD' && status >= 200 && !hasNoBody(status))
    return { ...answer, body: cutWhereShort(body, headers) };
  const { body: _, ...head } = answer;
  return head;
}

/** RFC 9110, 6.4.1. Chromium reports a script's request with such a response as aborted. */
function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

function responseOf(response: ReadResponse, isForeign: boolean): RecordedResponse | undefined {
  const { status, statusText, _trailers, _informational } = response;
  // No response: 0 in browsers, -1 in Playwright, absent elsewhere.
  if (!status || status < 100) return undefined;
  const all = headersOf(response.headers);
  const headers = isForeign ? foreignAnswerHeaders(all, response) : all;
  const body = responseBody(response.content, response.bodySize, headers, isForeign);
  return {
    status,
    statusText,
    httpVersion: versionOf(response.httpVersion),
    headers,
    ...(body && { body }),
    ...(_trailers && { trailers: headersOf(_trailers) }),
    ...(_informational && {
      informational: _informational.map((interim) => ({
        status: interim.status,
        headers: headersOf(interim.headers),
      })),
    }),
  };
}

/** If no header lines were recorded, the content provides the media type. */
function foreignAnswerHeaders(
  headers: readonly Header[],
  { content, cookies }: ReadResponse,
): readonly Header[] {
  const { text, mimeType = '' } = content ?? {};
  const isTyped = headers.length === 0 && text && parseContentType(mimeType).essence.includes('/');
  return withSetCookies(isTyped ? [['Content-Type', mimeType]] : headers, cookies);
}

/** Accepts `HTTP/1.1`, `http/2.0`, `h2`, `HTTP/2` and an empty text. */
function versionOf(text: string): string {
  const [, major, minor] = /(\d)(?:\.(\d))?/.exec(text) ?? [];
  return major === undefined ? '1.1' : `${major}.${minor ?? '0'}`;
}

function connectionOf({ serverIPAddress, _serverPort }: ReadEntry): Connection {
  const address = serverIPAddress?.replace(/^\[(.*)\]$/, '$1');
  if (!address) return {};
  if (_serverPort === undefined) return { upstream: address };
  return { upstream: `${address.includes(':') ? `[${address}]` : address}:${_serverPort}` };
}

function webSocketOf({ _webSocket, _webSocketMessages }: ReadEntry): WebSocketRecord | undefined {
  const messages = _webSocketMessages ?? undefined;
  if (_webSocket === undefined && messages === undefined) return undefined;
  return {
    ...(_webSocket ?? { count: messages?.length ?? 0 }),
    messages: () => messagesOf(messages ?? []),
  };
}

/** The gRPC facts read from the bodies earlier; used if the bodies are left out. */
function grpcOf(call: GrpcCall): GrpcRecord {
  return { call: async () => call };
}

type ReadMessages = NonNullable<ReadEntry['_webSocketMessages']>;

async function* messagesOf(messages: ReadMessages): AsyncGenerator<WebSocketMessage> {
  for (const { type, time, opcode, data } of messages) {
    yield {
      from: type === 'send' ? 'client' : 'server',
      at: Math.round(time * 1000),
      opcode,
      data: Buffer.from(data, opcode === 1 ? 'utf8' : 'base64'),
    };
  }
}
