import { type Exchange, headerValues, type Recording, responseOf } from '../exchange.ts';
import { sortBursts } from './bursts.ts';
import { type Link, trackChains } from './chains.ts';
import { cookieReaches, parseSetCookie } from './cookies.ts';
import { type EndpointFacts, endpointFacts } from './endpoints.ts';
import { type Grouped, type Grouping, groupedOrder, groupRequests } from './grouping.ts';
import { handoutsIn } from './handouts.ts';
import { wholeBody, wholeText } from './message-text.ts';
import { requestName } from './names.ts';
import { type PathTemplate, pathTemplate, type StatedTemplate } from './path-templates.ts';
import { requestKey } from './request-keys.ts';
import { isRestrictedHeader } from './restricted-headers.ts';
import { originOf, parseTarget, type Target } from './target.ts';
import { asBuffer } from './text.ts';
import { usesIn } from './uses.ts';
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

/** A request that is written, or with `--shape endpoints` all calls of one endpoint. */
export type SurveyedRequest = Readonly<RequestFacts> & {
  /** `GET /users/:userId`, or what it calls. */
  readonly name: string;
  /** The values in it that came from answers of requests before it; `from.place` is an index of `requests`. */
  readonly links: readonly Link[];
  /** Present with `--shape endpoints`. */
  readonly endpoint?: EndpointFacts;
};

/** What has to be known of a recording before it is written: small facts for each exchange, never the exchange. */
export type Survey = {
  /** The places of the exchanges that become requests, in the order in which they are written. */
  readonly order: readonly number[];
  /** For each position in `order`, which of `requests` it belongs to; those of one stand one after another. */
  readonly requestOf: readonly number[];
  /** What is written, in the order in which it first arrived. */
  readonly requests: readonly SurveyedRequest[];
  /** The folders, and in them `requests` by their index. */
  readonly grouped: readonly Grouped[];
  /** The origins in order of appearance, e.g. `https://api.example.com`. */
  readonly origins: ReadonlySet<string>;
  /** The names that stand in double braces in requests. */
  readonly bracedNames: ReadonlySet<string>;
  /** Connections that left HTTP (WebSockets), which no request can stand for. */
  readonly upgraded: readonly Upgraded[];
};

export type Upgraded = { readonly url: string; readonly messages?: number };

export type SurveyOptions = {
  readonly dedupe: boolean;
  readonly restrictedHeaders: boolean;
  /** No folders unless told. */
  readonly group?: Grouping;
  /** Identical requests are one unless told. */
  readonly shape?: 'requests' | 'endpoints';
  readonly templates?: readonly StatedTemplate[];
  /** Follow values from answers to requests, and keep requests in an order in which that works. */
  readonly tests?: boolean;
};

/** Reads the recording once and gathers the facts. */
export async function surveyRecording(
  recording: Recording,
  options: SurveyOptions,
): Promise<Survey> {
  const surveyor = createSurveyor(options);
  for await (const exchange of recording.read()) {
    const { body } = exchange.request;
    surveyor.see(exchange, body && asBuffer(await body.bytes()));
    if (options.tests) await surveyor.follow(exchange);
  }
  return surveyor.finish();
}

/** What identical requests have in common, or the calls of an endpoint. */
type Kind = {
  readonly name: string;
  readonly origin: string;
  readonly path: string;
  readonly endpoint: ReturnType<typeof endpointFacts> | undefined;
};

/** One exchange, in a few numbers. */
type Seen = {
  readonly kind: number;
  readonly redirected: boolean;
  readonly withoutCookies: boolean;
  readonly succeeded: boolean;
};

function createSurveyor(options: SurveyOptions) {
  const kinds: Kind[] = [];
  const known = new Map<string, number>();
  const seen: (Seen | undefined)[] = [];
  const links = new Map<number, readonly Link[]>();
  const bracedNames = new Set<string>();
  const cookieDomains = new Set<string>();
  const upgraded: Upgraded[] = [];
  const bursts = sortBursts();
  const chains = trackChains();
  const texts = new Map<string, string>();
  /** Many requests share a name and a path; each is kept once. */
  const shared = (text: string): string => {
    const kept = texts.get(text);
    if (kept === undefined) texts.set(text, text);
    return kept ?? text;
  };

  function kindOf(exchange: Exchange, body: Buffer | undefined, target: Target): number {
    const template = pathTemplate(target.path, options.templates);
    const named = nameOf(exchange, body, template);
    const isEndpoint = options.shape === 'endpoints';
    const key = keyOf(
      exchange,
      body,
      isEndpoint ? `${originOf(target)} ${template.path} ${named}` : undefined,
    );
    let kind = key === undefined ? undefined : known.get(key);
    if (kind === undefined) {
      kind = kinds.length;
      if (key !== undefined) known.set(key, kind);
      kinds.push({
        name: shared(named),
        origin: shared(originOf(target)),
        path: shared(template.path),
        endpoint: isEndpoint ? endpointFacts() : undefined,
      });
    }
    kinds[kind]?.endpoint?.see(template, target.query);
    return kind;
  }

  function keyOf(exchange: Exchange, body: Buffer | undefined, endpoint: string | undefined) {
    if (endpoint !== undefined) return `${exchange.request.method} ${endpoint}`;
    return options.dedupe ? requestKey(exchange.request, body, options) : undefined;
  }

  function see(exchange: Exchange, body: Buffer | undefined): void {
    const place = seen.length;
    if (isUpgraded(exchange)) {
      upgraded.push(upgradedOf(exchange));
      seen.push(undefined);
      return;
    }
    const { url, method, headers } = exchange.request;
    const target = parseTarget(url);
    seeBraces(exchange, body, bracedNames);
    const kind = kindOf(exchange, body, target);
    const hasCookie = headerValues(headers, 'cookie').length > 0;
    const status = responseOf(exchange.outcome)?.status ?? 0;
    seen.push({
      kind,
      redirected: isRedirect(exchange),
      withoutCookies: !hasCookie && cookieReaches(target.host, cookieDomains),
      succeeded: status >= 200 && status < 300,
    });
    seeCookies(exchange, cookieDomains);
    bursts.see(place, exchange, `${kinds[kind]?.path} ${method} ${url}`);
  }

  /** Follows the values of the exchange that was seen last. */
  async function follow(exchange: Exchange): Promise<void> {
    const place = seen.length - 1;
    if (seen[place] === undefined) return;
    const { request } = exchange;
    const headers = options.restrictedHeaders
      ? request.headers
      : request.headers.filter(([name]) => !isRestrictedHeader(name));
    const body = await wholeBody(request.body);
    const found = chains.request(usesIn({ url: request.url, headers, body }));
    if (found.length > 0) links.set(place, found);
    const answer = exchange.outcome.kind === 'completed' ? exchange.outcome.response : undefined;
    if (answer === undefined) return;
    const text = await wholeText(answer.body, answer.headers);
    const { path } = parseTarget(request.url);
    chains.answer(place, handoutsIn({ path, headers: answer.headers, text }));
  }

  function finish(): Survey {
    const sources = new Set([...links.values()].flat().map(({ from }) => from.place));
    const split = options.shape !== 'endpoints';
    const calls = callsOf(bursts.finish(), seen, (place) => split && sources.has(place));
    if (!split) for (const { places } of calls) bestFirst(places, seen);
    const requestAt = new Map(calls.map(({ places }, index) => [places[0] ?? 0, index]));
    const requests = calls.map(({ kind, places }): SurveyedRequest => {
      const { name = '', endpoint } = kinds[kind] ?? {};
      return {
        ...factsOf(places.map((place) => seen[place])),
        name,
        links: resolved(links.get(places[0] ?? 0) ?? [], requestAt),
        ...(endpoint === undefined ? {} : { endpoint: endpoint.facts() }),
      };
    });
    const placed = calls.map(({ kind }) => {
      const { origin = '', path = '' } = kinds[kind] ?? {};
      return { host: origin.replace(/^\w+:\/\//, ''), path };
    });
    const { group: grouping = 'none', tests: inOrder = false } = options;
    const grouped = groupRequests(placed, { grouping, inOrder: inOrder && grouping === 'auto' });
    const written = groupedOrder(grouped);
    return {
      order: written.flatMap((index) => calls[index]?.places ?? []),
      requestOf: written.flatMap((index) => (calls[index]?.places ?? []).map(() => index)),
      requests,
      grouped,
      origins: new Set(calls.map(({ kind }) => kinds[kind]?.origin ?? '')),
      bracedNames,
      upgraded,
    };
  }
  return { see, follow, finish };
}

/** Exchanges that are one request; the first of `places` is the one that is written. */
type Call = { readonly kind: number; readonly places: number[] };

/**
 * Puts the exchanges of one kind together, in the order of the first. One whose answer hands out what others need begins
 * anew, so that it is asked again at its own time.
 */
function callsOf(
  order: readonly number[],
  seen: readonly (Seen | undefined)[],
  beginsAnew: (place: number) => boolean,
): Call[] {
  const calls: Call[] = [];
  const open = new Map<number, Call>();
  for (const place of order) {
    const kind = seen[place]?.kind ?? 0;
    const call = open.get(kind);
    if (call !== undefined && !beginsAnew(place)) {
      call.places.push(place);
      continue;
    }
    const made = { kind, places: [place] };
    open.set(kind, made);
    calls.push(made);
  }
  return calls;
}

/** An endpoint is shown by a call that succeeded, where one did. */
function bestFirst(places: number[], seen: readonly (Seen | undefined)[]): void {
  const best = places.findIndex((place) => seen[place]?.succeeded);
  if (best > 0) places.unshift(...places.splice(best, 1));
}

function factsOf(exchanges: readonly (Seen | undefined)[]): RequestFacts {
  return {
    count: exchanges.length,
    redirected: exchanges.some((exchange) => exchange?.redirected),
    withoutCookies: exchanges[0]?.withoutCookies ?? false,
  };
}

/** Links to answers that a run gets as well: of the exchange that is written of each request. */
function resolved(links: readonly Link[], requestAt: ReadonlyMap<number, number>): Link[] {
  return links.flatMap((link) => {
    const place = requestAt.get(link.from.place);
    return place === undefined ? [] : [{ ...link, from: { ...link.from, place } }];
  });
}

function nameOf({ request }: Exchange, body: Buffer | undefined, { path }: PathTemplate): string {
  const { method, headers, body: recorded } = request;
  const isPlain = !recorded?.encoding.some((coding) => coding !== 'identity');
  const text = isPlain && body && body.length < LONGEST_CALL ? body.toString() : undefined;
  return requestName({ method, path, headers, text });
}

/** A call with a longer body is named by its path. */
const LONGEST_CALL = 256 * 1024;

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
