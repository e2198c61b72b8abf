import { Chalk, type ChalkInstance } from 'chalk';
import prettyBytes from 'pretty-bytes';
import prettyMilliseconds from 'pretty-ms';
import { type Exchange, headerValue, responseOf } from '../exchange.ts';
import { kindOfMediaType, mediaTypeByEnding, mediaTypeOf } from '../http/media-type.ts';
import type { Style } from './style.ts';
import { padEnd, padStart, shorten, visible, widthOf } from './text.ts';

const METHOD = 7;
const STATUS = 3;
const KIND = 6;
const SIZE = 7;
const TIME = 6;
/** Below this many columns there is no room for kind and size. */
const NARROW = 60;

const plain = new Chalk({ level: 0 });
const colored = new Chalk({ level: 1 });

/**
 * Formats an exchange as one line of at most `width` columns: method, status, URL, then the result
 * and the duration at the right edge. The line states if the response is missing or incomplete.
 * Captured text is never sent to the terminal raw; secrets must already be removed.
 */
export function exchangeLine(exchange: Exchange, style: Style): string {
  const { method, url } = exchange.request;
  const status = responseOf(exchange.outcome)?.status;
  const right = rightSide(exchange, style.width);
  const paint = colorOf(exchange, style.color ? colored : plain);
  return lineAround({ method, url, status, right, paint }, style);
}

type LineParts = {
  readonly method: string;
  readonly url: string;
  /** Undefined without a response. */
  readonly status: number | undefined;
  readonly right: string;
  /** Colours the right side. */
  readonly paint?: ChalkInstance;
};

/** A line of method, status and URL, with further details at the right edge. */
export function lineAround(parts: LineParts, { width, color }: Style): string {
  const chalk = color ? colored : plain;
  const { right, paint = chalk.cyan } = parts;
  const method = padEnd(shorten(visible(parts.method), 16), METHOD);
  // method, a space, status, two spaces, URL, two spaces, the right side
  const room = width - widthOf(method) - 1 - STATUS - 2 - 2 - widthOf(right);
  if (room < 1) return shorten(`${method} ${statusText(parts.status, plain)}`, width);
  const url = padEnd(shorten(visible(parts.url), room), room);
  return `${method} ${statusText(parts.status, chalk)}  ${url}  ${paint(right)}`;
}

function statusText(status: number | undefined, chalk: ChalkInstance): string {
  if (status === undefined) return '---';
  const text = padEnd(String(status), STATUS);
  if (status >= 500) return chalk.red(text);
  if (status >= 400) return chalk.yellow(text);
  return status >= 300 ? chalk.cyan(text) : chalk.green(text);
}

function colorOf({ outcome }: Exchange, chalk: ChalkInstance): ChalkInstance {
  if (outcome.kind === 'completed') return chalk.dim;
  return outcome.kind === 'failed' ? chalk.red : chalk.yellow;
}

function rightSide(exchange: Exchange, width: number): string {
  const time = padStart(duration(exchange.timings.endMs), TIME);
  const { outcome, rewritten = [] } = exchange;
  if (rewritten.length > 0) {
    const set = `set ${namesIn(rewritten, Math.floor(width / 3))}`;
    if (outcome.kind === 'completed') return `${set}  ${time}`;
    const why = outcome.kind === 'failed' ? ` (${outcome.reason.kind.replace('-', ' ')})` : '';
    return `${set}, ${outcome.kind}${width < NARROW ? '' : why}  ${time}`;
  }
  if (width < NARROW) return outcome.kind === 'completed' ? time : outcome.kind;
  const [kind, size] = result(exchange);
  return `${padEnd(kind, KIND)}  ${padStart(size, SIZE)}  ${time}`;
}

// As many whole names as fit, and how many more there are.
function namesIn(names: readonly string[], columns: number): string {
  const shown = names.map(visible);
  for (let count = shown.length; count > 0; count -= 1) {
    const more = count < shown.length ? ` +${shown.length - count}` : '';
    const text = `${shown.slice(0, count).join(', ')}${more}`;
    if (widthOf(text) <= columns) return text;
  }
  const more = shown.length > 1 ? ` +${shown.length - 1}` : '';
  return `${shorten(shown[0] ?? '', columns - more.length)}${more}`;
}

// The result, in two columns: kind and size, or how the exchange ended and why.
function result({ request, outcome, webSocket }: Exchange): [string, string] {
  if (outcome.kind === 'failed') return ['failed', outcome.reason.kind.replace('-', ' ')];
  const response = responseOf(outcome);
  const size = response?.body ? prettyBytes(response.body.size) : '-';
  if (outcome.kind !== 'completed') return [outcome.kind, size];
  if (webSocket) return ['socket', `${webSocket.count} msg`];
  const contentType = response && headerValue(response.headers, 'content-type');
  const type = contentType ? mediaTypeOf(contentType) : mediaTypeByEnding(request.url);
  return [type && response?.body ? kindOfMediaType(type) : '-', size];
}

function duration(ms: number): string {
  return prettyMilliseconds(ms < 1000 ? Math.round(ms) : ms, { unitCount: 2 });
}

/** The same facts as fields of a JSON log line. */
export function exchangeFields({ seq, request, outcome, timings }: Exchange) {
  const response = responseOf(outcome);
  return {
    seq,
    method: request.method,
    url: request.url,
    outcome: outcome.kind,
    ...(response && { status: response.status, bytes: response.body?.size ?? 0 }),
    ...(outcome.kind === 'failed' && { reason: outcome.reason.kind }),
    ms: Math.round(timings.endMs),
  };
}
