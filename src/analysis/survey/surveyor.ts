import { type Exchange, headerValues, responseOf } from '../../exchange.ts';
import { cookieReaches, parseSetCookie } from '../../http/cookies.ts';
import { wholeBody, wholeText } from '../../http/message-text.ts';
import { isRestrictedHeader } from '../../http/restricted-headers.ts';
import { parseTarget, type Target } from '../../http/target.ts';
import type { Auth } from '../auth.ts';
import { type Link, trackChains } from '../correlation/chains.ts';
import { issuedValuesIn } from '../correlation/issued-values.ts';
import { usesIn } from '../correlation/uses.ts';
import { pathTemplate } from '../endpoints/path-templates.ts';
import { answerLook } from './answer-look.ts';
import { sortBursts } from './bursts.ts';
import { createCallers } from './callers.ts';
import { digestHandshakes } from './handshakes.ts';
import { createKinds, type Kind } from './kinds.ts';
import type { SurveyOptions } from './survey.ts';

/** One exchange, reduced to a few numbers. */
type Seen = {
  /** An index into `kinds`. */
  readonly kind: number;
  readonly redirected: boolean;
  readonly withoutCookies: boolean;
  readonly succeeded: boolean;
  /** An index into `auths`. */
  readonly auth: number | undefined;
};

export type Gathered = {
  readonly kinds: readonly Kind[];
  /** The distinct authentications. */
  readonly auths: readonly Auth[];
  /** By position in the recording. */
  readonly seen: readonly (Seen | undefined)[];
  /** Positions of all exchanges in the recording, with bursts sorted. */
  readonly order: readonly number[];
  /** The values in requests that earlier responses issued, by position. */
  readonly links: ReadonlyMap<number, readonly Link[]>;
  /** The positions of requests that need not be written: a runner makes them by itself. */
  readonly handshakes: ReadonlySet<number>;
};

/** Reads exchanges in order of arrival and keeps small facts about each. */
export function createSurveyor(options: SurveyOptions) {
  const { kinds, kindOf } = createKinds(options);
  const seen: Seen[] = [];
  const cookieDomains = new Set<string>();
  const { auths, authAt } = createCallers();
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
    bursts.see(place, exchange, () => `${pathTemplate(target.path).path} ${method} ${url}`);
    if (options.tests) await follow(place, exchange, target);
    const known = kinds[kind];
    if (options.shape === 'endpoints' && known) known.look ??= await answerLook(exchange);
  }

  async function follow(place: number, exchange: Exchange, { path }: Target): Promise<void> {
    const { request, outcome } = exchange;
    // Values that are not written need no variable.
    const headers = options.restrictedHeaders
      ? request.headers
      : request.headers.filter(([name]) => !isRestrictedHeader(name));
    const body = await wholeBody(request.body);
    const found = chains.request(usesIn({ url: request.url, headers, body }));
    if (found.length > 0) links.set(place, found);
    const answer = outcome.kind === 'completed' ? outcome.response : undefined;
    if (answer === undefined) return;
    const text = await wholeText(answer.body, answer.headers);
    chains.answer(place, issuedValuesIn({ path, headers: answer.headers, text }));
  }

  const finish = (): Gathered => ({
    kinds,
    auths,
    seen,
    order: bursts.finish(),
    links,
    handshakes: handshakes.places,
  });
  return { see, finish };
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
