import { isIP } from 'node:net';
import {
  type Connection,
  type Exchange,
  type Header,
  headerValue,
  headerValues,
  type Outcome,
  type RecordedRequest,
  type RecordedResponse,
  responseOf,
  type Timings,
  type WebSocketMessage,
} from '../exchange.ts';
import { parseSetCookie } from '../http/cookies.ts';
import { parseTarget } from '../http/target.ts';
import { contentOf, postDataOf } from './content.ts';
import { netErrorOf } from './failure.ts';
import type {
  HarCookie,
  HarEntry,
  HarNameValue,
  HarOutcome,
  HarRequest,
  HarResponse,
  HarTimings,
  HarWebSocketMessage,
} from './types.ts';

/**
 * Writes an exchange as a HAR 1.2 entry. Responses are decoded, requests stay as sent, binary bodies are base64. Facts
 * without a HAR field go into fields that begin with an underscore, so that `exchangeOf` restores everything.
 * Without a response the status is 0 and `_error` gives the reason, as in Chromium.
 */
export async function entryOf(exchange: Exchange): Promise<HarEntry> {
  const { outcome, timings, connection, webSocket, grpc, rewritten } = exchange;
  const address = addressOf(connection);
  const request = await requestOf(exchange);
  const response = await responseEntry(outcome, exchange.request.url);
  return {
    startedDateTime: new Date(exchange.startedAt).toISOString(),
    time: timings.endMs,
    request,
    response,
    cache: {},
    timings: timingsOf(timings),
    ...(address !== undefined && { serverIPAddress: address }),
    _id: exchange.id,
    _outcome: outcomeOf(outcome),
    _connection: connection,
    _timings: timings,
    ...(webSocket && {
      _resourceType: 'websocket',
      _webSocket: {
        count: webSocket.count,
        ...(webSocket.cut && { cut: webSocket.cut }),
        ...(webSocket.closed && { closed: webSocket.closed }),
      },
      _webSocketMessages: await messagesOf(webSocket.messages()),
    }),
    ...(grpc && { _grpc: await grpc.call() }),
    ...(rewritten && { _rewritten: rewritten }),
  };
}

async function requestOf({ request, webSocket }: Exchange): Promise<HarRequest> {
  const { method, url, headers, body, trailers } = request;
  return {
    method,
    url: webSocket === undefined ? url : url.replace(/^http/, 'ws'),
    httpVersion: `HTTP/${request.httpVersion}`,
    cookies: requestCookies(headers),
    headers: pairs(headers),
    queryString: queryOf(request),
    ...(body && { postData: await postDataOf(body, request) }),
    headersSize: -1,
    bodySize: body?.size ?? 0,
    ...(trailers && { _trailers: pairs(trailers) }),
  };
}

async function responseEntry(outcome: Outcome, url: string): Promise<HarResponse> {
  const response = responseOf(outcome);
  const error = netErrorOf(outcome);
  const { headers, status, statusText, httpVersion } = response ?? NO_ANSWER;
  return {
    status,
    statusText,
    httpVersion: httpVersion && `HTTP/${httpVersion}`,
    cookies: responseCookies(headers, url),
    headers: pairs(headers),
    content: await contentOf(response?.body, headers),
    redirectURL: headerValue(headers, 'location') ?? '',
    headersSize: -1,
    bodySize: response === undefined ? -1 : (response.body?.size ?? 0),
    ...(error !== undefined && { _error: error }),
    ...(response?.trailers && { _trailers: pairs(response.trailers) }),
    ...(response?.informational && {
      _informational: response.informational.map((interim) => ({
        status: interim.status,
        headers: pairs(interim.headers),
      })),
    }),
  };
}

const NO_ANSWER: RecordedResponse = { status: 0, statusText: '', httpVersion: '', headers: [] };

function outcomeOf(outcome: Outcome): HarOutcome {
  const { kind } = outcome;
  return kind === 'failed' ? { kind, reason: outcome.reason } : { kind };
}

function pairs(headers: readonly Header[]): HarNameValue[] {
  return headers.map(([name, value]) => ({ name, value }));
}

function queryOf({ url }: RecordedRequest): HarNameValue[] {
  if (!url.includes('?')) return [];
  const query = parseTarget(url).query?.replace(/#.*$/s, '');
  return [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }));
}

function requestCookies(headers: readonly Header[]): HarCookie[] {
  return headerValues(headers, 'cookie')
    .flatMap((value) => value.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return { name: pair.slice(0, Math.max(equals, 0)), value: pair.slice(equals + 1) };
    });
}

function responseCookies(headers: readonly Header[], url: string): HarCookie[] {
  return headerValues(headers, 'set-cookie').map((line) => {
    const { name, value, path, domain, httpOnly, secure, ...cookie } = parseSetCookie(line, url);
    const expires = new Date(cookie.expires ?? Number.NaN);
    return {
      name,
      value,
      path,
      domain,
      ...(Number.isNaN(expires.getTime()) ? {} : { expires: expires.toISOString() }),
      httpOnly,
      secure,
    };
  });
}

/** HAR 1.2 has durations; the time before the connection was ready counts as connecting. */
function timingsOf({ connectedMs, sentMs, headMs, endMs }: Timings): HarTimings {
  const connected = connectedMs ?? 0;
  const sent = Math.max(sentMs ?? connected, connected);
  const head = Math.max(headMs ?? endMs, sent);
  return {
    blocked: -1,
    dns: -1,
    connect: connectedMs ?? -1,
    send: milliseconds(sent - connected),
    wait: milliseconds(head - sent),
    receive: milliseconds(Math.max(endMs - head, 0)),
    ssl: -1,
  };
}

// Floating-point differences of tenths are rarely exact tenths.
function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function addressOf({ upstream }: Connection): string | undefined {
  const address = upstream?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return address !== undefined && isIP(address) > 0 ? address : undefined;
}

async function messagesOf(messages: AsyncIterable<WebSocketMessage>) {
  const list: HarWebSocketMessage[] = [];
  for await (const { from, at, opcode, data } of messages) {
    const text = Buffer.from(data).toString(opcode === 1 ? 'utf8' : 'base64');
    list.push({
      type: from === 'client' ? 'send' : 'receive',
      time: at / 1000,
      opcode,
      data: text,
    });
  }
  return list;
}
