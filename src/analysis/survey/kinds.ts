import type { Exchange } from '../../exchange.ts';
import { isCoded } from '../../http/content-coding.ts';
import { remembering } from '../../http/memo.ts';
import { originOf, type Target } from '../../http/target.ts';
import { calledName } from '../naming/names.ts';
import { requestKey } from './request-keys.ts';
import type { SurveyOptions } from './survey.ts';

/** Facts that identical requests share; with `--shape endpoints`, requests to one URL without its query. */
export type Kind = {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** The operation it calls, where one URL serves all operations. */
  readonly called: string | undefined;
  /** Query parameters as first sent, by name; gathered for endpoints only. */
  readonly query: Map<string, string>;
  /** The look of a response; gathered for endpoints only. */
  look: string | undefined;
};

/** Beyond this number, query parameters are data. */
const MOST_PARAMETERS = 100;

/** Groups identical requests, or the calls to one URL: `kindOf` returns the index of an exchange's kind in `kinds`. */
export function createKinds(options: SurveyOptions) {
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

/** There are few origins; each is kept in memory once. */
const kept = remembering((origin) => origin);

function newKind(
  { request }: Exchange,
  body: Buffer | undefined,
  target: Target,
  isEndpoint: boolean,
): Kind {
  const { method, headers, body: recorded } = request;
  const isPlain = recorded !== undefined && !isCoded(recorded);
  const text = isPlain && body && body.length < LONGEST_CALL ? body.toString() : '';
  return {
    method,
    origin: kept(originOf(target)),
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
