import type { Nearest } from './call-index.ts';
import type { Difference } from './differences.ts';
import { originAt } from './origin.ts';
import type { AskedRequest } from './request-parts.ts';
import { isAnyHost } from './unknown-host.ts';

/** Why a request has no recorded answer. */
export type Miss = { readonly nearest?: Nearest | undefined; readonly usedUp?: true };

/** Further differences are only counted. */
const MOST_SAID = 3;
const LONGEST_VALUE = 60;

/** How messages show requests, which must not reveal secrets. */
export type Shown = {
  url(url: string): string;
  /** @param at the location of the value: `query token`, `body $.user.password` */
  value(at: string, value: string): string;
};

/**
 * Explains briefly why a request has no recorded answer: the nearest recorded call, and the differences.
 *
 * @param hide removes secrets from the explanation
 */
export function missWords(
  request: AskedRequest,
  { nearest, usedUp }: Miss,
  hide: Shown = asItIs,
): string {
  const asked = `${request.method} ${hide.url(request.url)}`;
  if (usedUp) return `${asked} was asked for more often than it was recorded.`;
  if (nearest === undefined) return `${asked} was not recorded, nor anything like it.`;
  const words = [
    ...(nearest.method === request.method
      ? []
      : [`method: recorded ${nearest.method}, asked ${request.method}`]),
    ...(sameOrigin(nearest.url, request.url) || isAnyHost(originAt(nearest.url))
      ? []
      : [`host: recorded ${originAt(nearest.url)}, asked ${originAt(request.url)}`]),
    ...nearest.differences.map((difference) => differenceWords(difference, hide)),
  ];
  const rest = words.length - MOST_SAID;
  const said = words.slice(0, MOST_SAID).join('; ');
  const more = rest > 0 ? `; and ${rest} more` : '';
  return `${asked} was not recorded. Nearest: ${nearest.method} ${hide.url(nearest.url)}. Different: ${said}${more}.`;
}

/** `query page: recorded "1", asked "2"` */
function differenceWords({ at, recorded, asked }: Difference, hide: Shown): string {
  const shown = (value = '') => shortened(hide.value(at, value));
  if (recorded === undefined) return `${at}: not recorded, asked ${shown(asked)}`;
  if (asked === undefined) return `${at}: recorded ${shown(recorded)}, not asked`;
  return `${at}: recorded ${shown(recorded)}, asked ${shown(asked)}`;
}

function shortened(value: string): string {
  const short = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
  return short.startsWith('"') && short.endsWith('"') ? short : JSON.stringify(short);
}

function sameOrigin(one: string, other: string): boolean {
  return originAt(one) === originAt(other);
}

const asItIs: Shown = { url: (url) => url, value: (_at, value) => value };
