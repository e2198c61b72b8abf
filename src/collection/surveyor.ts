import { type Exchange, type Header, headerValues, responseOf } from '../exchange.ts';
import { answerLook } from './answer-look.ts';
import { type Auth, authOf, isAuthHeader } from './auth.ts';
import { sortBursts } from './bursts.ts';
import { type Link, trackChains } from './chains.ts';
import { cookieReaches, parseSetCookie } from './cookies.ts';
import { handoutsIn } from './handouts.ts';
import { digestHandshakes } from './handshakes.ts';
import { wholeBody, wholeText } from './message-text.ts';
import { calledName } from './names.ts';
import { pathTemplate } from './path-templates.ts';
import { requestKey } from './request-keys.ts';
import { isRestrictedHeader } from './restricted-headers.ts';
import type { SurveyOptions } from './survey.ts';
import { originOf, parseTarget, type Target } from './target.ts';
import { usesIn } from './uses.ts';
import { collectBracedNames } from './variables.ts';

/** What identical requests have in common; with `--shape endpoints` those of one URL without its query. */
export type Kind = {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** What it calls, where one URL serves for all. */
  readonly called: string | undefined;
  /** Query parameters as they were first sent, by name; gathered for endpoints alone. */
  readonly query: Map<string, string>;
  /** What an answer looked like; gathered for endpoints alone. */
  look: string | undefined;
};

/** One exchange, in a few numbers. */
type Seen = {
  /** An index of `kinds`. */
  readonly kind: number;
  readonly redirected: boolean;
  readonly withoutCookies: boolean;
  readonly succeeded: boolean;
  /** An index of `auths`. */
  readonly auth: number | undefined;
};

export type Gathered = {
  readonly kinds: readonly Kind[];
  /** Who asked, none of them twice. */
  readonly auths: readonly Auth[];
  /** By place in the recording. */
  readonly seen: readonly (Seen | undefined)[];
  /** Places, in the order in which the exchanges are told. */
  readonly order: readonly number[];
  /** The values in requests that earlier answers handed out, by place. */
  readonly links: ReadonlyMap<number, readonly Link[]>;
  /** The places of requests that need not be written: a runner makes them by itself. */
  readonly handshakes: ReadonlySet<number>;
};

/** Looks at exchanges in order of arrival and keeps small facts of each. */
export function createSurveyor(options: SurveyOptions) {
  const { kinds, kindOf } = createKinds(options);
  const seen: Seen[] = [];
  const bracedNames = new Set<string>();
  const cookieDomains = new Set<string>();
  const { auths, authAt } = createAuths();
  const bursts = sortBursts();
  const links = new Map<number, readonly Link[]>();
  const chains = trackChains();
  const handshakes = digestHandshakes();

  async function see(place: number, exchange: Exchange, body: Buffer | undefined): Promise<void> {
    const { method, url, headers } = exchange.request;
    const target = parseTarget(url);
    const kind = kindOf(exchange, body, target);
    const hasCookie = headerValues(headers, 'cookie').length > 0;
    const status = responseOf(exchange.outcome)?.status ?? 0;
    seen[place] = {
      kind,
      redirected: isRedirect(exchange),
      withoutCookies: !hasCookie && cookieReaches(target.host, cookieDomains),
      succeeded: status >= 200 && status < 300,
      auth: authAt(headers),
    };
    handshakes.see(place, exchange);
    seeCookies(exchange, cookieDomains);
    seeBraces(exchange, body, bracedNames);
    bursts.see(place, exchange, () => `${pathTemplate(target.path).path} ${method} ${url}`);
    if (options.tests) await follow(place, exchange, target);
    const known = kinds[kind];
    if (options.shape === 'endpoints' && known) known.look ??= await answerLook(exchange);
  }

  async function follow(place: number, exchange: Exchange, { path }: Target): Promise<void> {
    const { request, outcome } = exchange;
    // What is not written need not be handed on.
    const headers = options.restrictedHeaders
      ? request.headers
      : request.headers.filter(([name]) => !isRestrictedHeader(name));
    const body = await wholeBody(request.body);
    const found = chains.request(usesIn({ url: request.url, headers, body }));
    if (found.length > 0) links.set(place, found);
    const answer = outcome.kind === 'completed' ? outcome.response : undefined;
    if (answer === undefined) return;
    const text = await wholeText(answer.body, answer.headers);
    chains.answer(place, handoutsIn({ path, headers: answer.headers, text }));
  }

  const finish = (): Gathered & { bracedNames: ReadonlySet<string> } => ({
    kinds,
    auths,
    seen,
    order: bursts.finish(),
    links,
    handshakes: handshakes.places,
    bracedNames,
  });
  return { see, finish };
}

/** More callers than these are not told apart: what they share is not looked for. */
const MOST_AUTHS = 10_000;

function createAuths() {
  const auths: Auth[] = [];
  const known = new Map<string, number>();
  /** By the header lines, so that what is the same each time is read once. */
  const read = new Map<string, number | undefined>();
  function indexOf(auth: Auth | undefined): number | undefined {
    if (auth === undefined) return undefined;
    const key = JSON.stringify(auth);
    const index = known.get(key) ?? auths.length;
    if (index === MOST_AUTHS) return undefined;
    if (index === auths.length) {
      auths.push(auth);
      known.set(key, index);
    }
    return index;
  }
  function authAt(headers: readonly Header[]): number | undefined {
    const lines = headers.filter(([name]) => isAuthHeader(name));
    if (lines.length !== 1) return undefined;
    const line = lines.flat().join(': ');
    if (read.has(line)) return read.get(line);
    const index = indexOf(authOf(lines));
    if (read.size < MOST_AUTHS) read.set(line, index);
    return index;
  }
  return { auths, authAt };
}

/** More query parameters than these are no parameters but data. */
const MOST_PARAMETERS = 100;

function createKinds(options: SurveyOptions) {
  const kinds: Kind[] = [];
  const known = new Map<string, number>();
  const isEndpoint = options.shape === 'endpoints';

  function keyOf(exchange: Exchange, body: Buffer | undefined, made: Kind): string | undefined {
    const { method, origin, path, called = '' } = made;
    if (isEndpoint) return `${method} ${origin}${path} ${called}`;
    return options.dedupe ? requestKey(exchange.request, body, options) : undefined;
  }

  function kindOf(exchange: Exchange, body: Buffer | undefined, target: Target): number {
    const made = newKind(exchange, body, target, isEndpoint);
    const key = keyOf(exchange, body, made);
    const kind = (key === undefined ? undefined : known.get(key)) ?? kinds.length;
    if (kind === kinds.length) {
      kinds.push(made);
      if (key !== undefined) known.set(key, kind);
    }
    if (isEndpoint) seeQuery(kinds[kind]?.query, target.query);
    return kind;
  }
  return { kinds, kindOf };
}

const NO_QUERY = new Map<string, string>();

function newKind(
  { request }: Exchange,
  body: Buffer | undefined,
  target: Target,
  isEndpoint: boolean,
): Kind {
  const { method, headers, body: recorded } = request;
  const isPlain = !recorded?.encoding.some((coding) => coding !== 'identity');
  const text = isPlain && body && body.length < LONGEST_CALL ? body.toString() : '';
  return {
    method,
    origin: originOf(target),
    path: target.path,
    called: calledName(headers, text),
    query: isEndpoint ? new Map() : NO_QUERY,
    look: undefined,
  };
}

/** A call with a longer body is named by its path. */
const LONGEST_CALL = 256 * 1024;

function seeQuery(known: Map<string, string> | undefined, text: string | undefined): void {
  for (const pair of text?.split('&') ?? []) {
    const key = pair.split('=', 1)[0] ?? '';
    if (key === '' || known === undefined || known.has(key) || known.size >= MOST_PARAMETERS)
      continue;
    known.set(key, pair);
  }
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
