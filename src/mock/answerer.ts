import { createHash } from 'node:crypto';
import { givenAnswer, sendableLines } from '../calls/given-answer.ts';
import { missWords, type Shown } from '../calls/miss.ts';
import { originAt } from '../calls/origin.ts';
import { type RecordedCalls, withoutCoding } from '../calls/recorded-calls.ts';
import type { AskedRequest } from '../calls/request-parts.ts';
import { isAnyHost } from '../calls/unknown-host.ts';
import {
  type Exchange,
  type Header,
  headerValue,
  type RecordedResponse,
  responseOf,
} from '../exchange.ts';
import { contentCodings } from '../http/content-coding.ts';
import { joinTarget, originOf, parseTarget } from '../http/target.ts';
import type { Answer, AnswerableRequest, Answerer, ProxyOptions } from '../proxy/index.ts';
import { recordedPeer } from './recorded-peer.ts';

export type MockOptions = {
  readonly calls: RecordedCalls;
  /** How to treat a request that was not recorded: answer 502, or forward it. */
  readonly missing: 'refuse' | 'forward';
  /** `recorded`: answers take as long as in the recording. */
  readonly timing: 'none' | 'recorded';
  /** Removes secrets from messages about requests. */
  readonly hide?: Shown;
  /** Called for each request that was answered from the recording. */
  readonly onAnswered?: (request: AnswerableRequest) => void;
  /** Called with a message for each request that was not. */
  readonly onMissed?: (words: string, request: AnswerableRequest) => void;
};

/** The options of a proxy that answers from a recording, for every recorded host and as the first of them. */
export function mockingProxy(
  options: MockOptions,
): Required<Pick<ProxyOptions, 'answering' | 'targets'>> {
  const origin = firstOrigin(options.calls);
  return {
    answering: { answerer: createMock(options), forwards: options.missing === 'forward' },
    targets: origin === undefined ? [] : [{ prefix: '', url: origin }],
  };
}

/** Answers requests from a recording. */
export function createMock(options: MockOptions): Answerer {
  return async (request) => {
    const found = await findCall(request, options);
    if (typeof found !== 'string') {
      options.onAnswered?.(request);
      return answerFrom(found, request, options.timing === 'recorded');
    }
    options.onMissed?.(found, request);
    return options.missing === 'forward' ? 'forward' : refusal(found);
  };
}

/** The recorded exchange for a request, or a message why there is none. */
async function findCall(
  request: AnswerableRequest,
  { calls, hide }: MockOptions,
): Promise<Exchange | string> {
  const asked = askedOf(request);
  // Direct requests to the mock do not name one of the recorded hosts, and some recorded hosts stand for any.
  const others = [...calls.origins].filter((origin) => request.isDirect || isAnyHost(origin));
  const elsewhere = others.map((origin) => atOrigin(origin, asked.url));
  const urls = request.isDirect ? elsewhere : [asked.url, ...elsewhere];
  let usedUp: AskedRequest | undefined;
  for (const url of urls) {
    const match = calls.match({ ...asked, url });
    if (match.kind === 'found') return calls.exchangeAt(match);
    if (match.usedUp) usedUp ??= { ...asked, url };
  }
  if (usedUp) return missWords(usedUp, { usedUp: true }, hide);
  const [first = asked.url] = urls;
  const nearest = await calls.nearest({ ...asked, url: first });
  // A direct request may mean any of the hosts.
  const url = nearest && request.isDirect ? atOrigin(originAt(nearest.url), first) : first;
  return missWords({ ...asked, url }, { nearest }, hide);
}

function askedOf({ method, url, headers, body, isUpgrade }: AnswerableRequest): AskedRequest {
  return { method, url, headers, isUpgrade, body: withoutCoding(body, contentCodings(headers)) };
}

/** The same path and query of another server. */
function atOrigin(origin: string, url: string): string {
  const { protocol, host, port } = parseTarget(origin);
  const { path, query } = parseTarget(url);
  return joinTarget({
    protocol,
    host,
    path,
    ...(port !== undefined && { port }),
    ...(query !== undefined && { query }),
  });
}

async function answerFrom(
  exchange: Exchange,
  request: AnswerableRequest,
  isPaced: boolean,
): Promise<Answer> {
  const response = responseOf(exchange.outcome) as RecordedResponse;
  const delayMs = isPaced ? (exchange.timings.headMs ?? exchange.timings.endMs) : 0;
  if (request.isUpgrade && exchange.webSocket) {
    const connection = await recordedPeer(exchange.webSocket, isPaced);
    const { status, statusText } = response;
    const headers = handshakeLines(response, request.headers);
    const head = { status, statusText, httpVersion: '1.1', headers };
    return { ...head, body: NOTHING, trailers: [], delayMs, connection };
  }
  const given = await givenAnswer(response, request.method, request.headers);
  return { ...given, httpVersion: response.httpVersion || '1.1', delayMs };
}

const NOTHING = Buffer.alloc(0);

/** RFC 6455, 4.2.2: answers the key and accepts no extension. */
function handshakeLines({ headers }: RecordedResponse, asked: readonly Header[]): Header[] {
  const key = headerValue(asked, 'sec-websocket-key') ?? '';
  const accept = createHash('sha1')
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  const own = /^(?:sec-websocket-(?:accept|extensions)|upgrade|connection|content-length)$/i;
  return [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', accept],
    ...sendableLines(headers.filter(([name]) => !own.test(name))),
  ];
}

/** The answer to a request that was not recorded: a page for people, a header for programs. */
function refusal(words: string): Answer {
  const body = Buffer.from(`pmproxy has no recorded answer (502).\n\n${words}\n`);
  const line = words.replace(/[^\x20-\x7e]/gu, (character) =>
    /\p{Cs}/u.test(character) ? '?' : encodeURIComponent(character),
  );
  return {
    status: 502,
    statusText: 'Bad Gateway',
    httpVersion: '1.1',
    headers: [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Length', String(body.length)],
      ['x-pmproxy-miss', line.slice(0, LONGEST_LINE)],
    ],
    body,
    trailers: [],
  };
}

/** Clients limit the total size of a head. */
const LONGEST_LINE = 2000;

/** The origin for direct requests to a recording: the first one in it. */
export function firstOrigin({ origins }: RecordedCalls): string | undefined {
  const [first] = origins;
  return first === undefined ? undefined : originOf(parseTarget(first));
}
