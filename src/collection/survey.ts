import { createHash } from 'node:crypto';
import { type Exchange, headerValues, type Recording, responseOf } from '../exchange.ts';
import { contentTypeOf } from './content-type.ts';
import { cookieReaches, parseSetCookie } from './cookies.ts';
import { isRestrictedHeader } from './restricted-headers.ts';
import { originOf, parseTarget } from './target.ts';
import { asBuffer } from './text.ts';
import { collectBracedNames } from './variables.ts';

/** What a first reading tells of identical requests, taken together. */
export type RequestFacts = {
  /** How many exchanges made this request. */
  count: number;
  /** An answer sent the client elsewhere: status 3xx with a Location. */
  redirected: boolean;
  /** It was sent without cookies although an earlier answer had set one for its host. */
  withoutCookies: boolean;
};

/** What has to be known of a recording before it is written: small facts for each exchange, never the exchange. */
export type Survey = {
  /** The places of the exchanges that become requests: those of identical requests one after another. */
  readonly order: readonly number[];
  /** For each position in `order`, which of `requests` it belongs to. */
  readonly requestOf: readonly number[];
  /** The distinct requests, in the order in which they first arrived. */
  readonly requests: readonly RequestFacts[];
  /** The origins in order of appearance, e.g. `https://api.example.com`. */
  readonly origins: ReadonlySet<string>;
  /** The names that stand in double braces in requests. */
  readonly bracedNames: ReadonlySet<string>;
  /** Connections that left HTTP (WebSockets), which no request can stand for. */
  readonly upgraded: readonly Upgraded[];
};

export type Upgraded = { readonly url: string; readonly messages?: number };

export type SurveyOptions = { readonly dedupe: boolean; readonly restrictedHeaders: boolean };

/** Reads the recording once and gathers the facts. */
export async function surveyRecording(
  recording: Recording,
  options: SurveyOptions,
): Promise<Survey> {
  const { see, finish } = surveyor(options);
  for await (const exchange of recording.read()) {
    const body = exchange.request.body;
    see(exchange, body === undefined ? undefined : asBuffer(await body.bytes()));
  }
  return finish();
}

function surveyor(options: SurveyOptions) {
  const places: number[][] = [];
  const requests: RequestFacts[] = [];
  const known = new Map<string, number>();
  const origins = new Set<string>();
  const bracedNames = new Set<string>();
  const cookieDomains = new Set<string>();
  const upgraded: Upgraded[] = [];
  let place = -1;

  function see(exchange: Exchange, body: Buffer | undefined): void {
    place += 1;
    if (isUpgraded(exchange)) {
      upgraded.push(upgradedOf(exchange));
      return;
    }
    const target = parseTarget(exchange.request.url);
    origins.add(originOf(target));
    seeBraces(exchange, body, bracedNames);
    const key = options.dedupe ? requestKey(exchange, body, options) : String(place);
    const index = known.get(key) ?? requests.length;
    const facts = requests[index] ?? newFacts(exchange, target.host, cookieDomains);
    if (facts.count === 0) {
      if (options.dedupe) known.set(key, index);
      requests.push(facts);
      places.push([]);
    }
    facts.count += 1;
    facts.redirected ||= isRedirect(exchange);
    places[index]?.push(place);
    seeCookies(exchange, cookieDomains);
  }

  function finish(): Survey {
    const requestOf = places.flatMap((list, index) => list.map(() => index));
    return { order: places.flat(), requestOf, requests, origins, bracedNames, upgraded };
  }
  return { see, finish };
}

function newFacts(exchange: Exchange, host: string, domains: ReadonlySet<string>): RequestFacts {
  const sent = headerValues(exchange.request.headers, 'cookie').length > 0;
  return { count: 0, redirected: false, withoutCookies: !sent && cookieReaches(host, domains) };
}

function isUpgraded(exchange: Exchange): boolean {
  return exchange.webSocket !== undefined || responseOf(exchange.outcome)?.status === 101;
}

function upgradedOf(exchange: Exchange): Upgraded {
  const { url } = exchange.request;
  return exchange.webSocket === undefined ? { url } : { url, messages: exchange.webSocket.count };
}

function isRedirect(exchange: Exchange): boolean {
  const response = responseOf(exchange.outcome);
  if (response === undefined || response.status < 300 || response.status > 399) return false;
  return headerValues(response.headers, 'location').length > 0;
}

function seeCookies(exchange: Exchange, domains: Set<string>): void {
  for (const value of headerValues(responseOf(exchange.outcome)?.headers ?? [], 'set-cookie')) {
    domains.add(parseSetCookie(value, exchange.request.url).domain);
  }
}

function seeBraces(exchange: Exchange, body: Buffer | undefined, names: Set<string>): void {
  collectBracedNames(exchange.request.url, names);
  for (const [name, value] of exchange.request.headers) {
    collectBracedNames(name, names);
    collectBracedNames(value, names);
  }
  if (body?.includes('{{')) collectBracedNames(body.toString('latin1'), names);
}

/**
 * What makes a request the same as another: method, URL, the headers that are written, the body. The boundary of a
 * multipart body is drawn anew for each sending and does not count.
 */
function requestKey(exchange: Exchange, body: Buffer | undefined, options: SurveyOptions): string {
  const { method, url, headers } = exchange.request;
  const boundary = body && contentTypeOf(headers)?.parameters.get('boundary');
  let head = `${method} ${url}`;
  for (const [name, value] of headers) {
    if (!options.restrictedHeaders && isRestrictedHeader(name)) continue;
    head += `\n${name.toLowerCase()}: ${boundary ? value.replaceAll(boundary, '') : value}`;
  }
  const hash = createHash('sha256').update(head);
  if (body) {
    hash.update('\n\n').update(boundary ? body.toString('latin1').replaceAll(boundary, '') : body);
  }
  return hash.digest('base64');
}
