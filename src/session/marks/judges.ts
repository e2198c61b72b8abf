import { type Miss, missWords } from '../../calls/miss.ts';
import { askedOf, type RecordedCalls } from '../../calls/recorded-calls.ts';
import type { AskedRequest } from '../../calls/request-parts.ts';
import type { CallComparison } from '../../compare/call-comparison.ts';
import { placeLine } from '../../compare/finding.ts';
import { type Exchange, headerValue, responseOf } from '../../exchange.ts';
import type { CallMark } from '../../har/types.ts';
import { maxMarkLength, maxMarkLines } from '../../sync/wire/protocol.ts';
import { visible } from '../../terminal/text.ts';

/** Judges how a call compares with a recording; undefined if there is nothing to say. */
export type Judge = (exchange: Exchange) => Promise<CallMark | undefined>;

/** Judges whether `pmproxy mock` would answer a call from these. */
export function lookingUp(calls: RecordedCalls): Judge {
  return async (exchange) => {
    const refused = refusalOf(exchange);
    if (refused !== undefined) return missed(refused);
    // A body of which only the beginning is known may be any.
    if (exchange.request.body?.cut) return undefined;
    const asked = await askedOf(exchange);
    const match = calls.match(asked);
    return match.kind === 'found' ? ANSWERED : missed(await wordsOf(asked, match, calls));
  };
}

/**
 * Judges the calls of `pmproxy mock` by what it did: it refused a call, or asked the server, or gave a recorded answer.
 *
 * @param calls say why a server was asked, if they are known
 */
export function answering(calls: RecordedCalls | undefined): Judge {
  return async (exchange) => {
    const refused = refusalOf(exchange);
    if (refused !== undefined) return missed(refused);
    // Only a server that was asked has an address.
    if (exchange.connection.upstream !== undefined)
      return missed(await forwardedWords(exchange, calls));
    return responseOf(exchange.outcome) === undefined ? undefined : ANSWERED;
  };
}

async function forwardedWords(exchange: Exchange, calls: RecordedCalls | undefined) {
  const { method, url } = exchange.request;
  if (calls === undefined) return `${method} ${url} was not recorded.`;
  const asked = await askedOf(exchange);
  const match = calls.match(asked);
  return match.kind === 'missed'
    ? wordsOf(asked, match, calls)
    : missWords(asked, { usedUp: true });
}

async function wordsOf(asked: AskedRequest, { usedUp }: Miss, calls: RecordedCalls) {
  return missWords(asked, usedUp ? { usedUp } : { nearest: await calls.nearest(asked) });
}

/** What `pmproxy mock` itself has said of a call that it did not answer. */
function refusalOf({ outcome }: Exchange): string | undefined {
  return headerValue(responseOf(outcome)?.headers ?? [], 'x-pmproxy-miss');
}

/** Judges whether a call differs from those of its endpoint. */
export function comparing(compare: CallComparison): Judge {
  return async (exchange) => {
    const lines = (await compare(exchange)).map((finding) => line(placeLine(finding)));
    if (lines.length === 0) return undefined;
    if (lines.length <= maxMarkLines) return { kind: 'differs', words: lines };
    const words = lines.slice(0, maxMarkLines - 1);
    const rest = (lines.length - words.length).toLocaleString('en-US');
    return { kind: 'differs', words: [...words, `and ${rest} more`] };
  };
}

const ANSWERED: CallMark = { kind: 'answered', words: [] };

function missed(words: string): CallMark {
  return { kind: 'missed', words: [line(words)] };
}

function line(text: string): string {
  const shown = visible(text);
  return shown.length > maxMarkLength ? `${shown.slice(0, maxMarkLength - 1)}…` : shown;
}
