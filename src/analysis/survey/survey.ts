import type { Auth } from '../auth.ts';
import type { Link } from '../correlation/chains.ts';
import type { EndpointFacts } from '../endpoints/facts.ts';
import type { StatedTemplate } from '../endpoints/path-templates.ts';
import type { Grouped, Grouping } from '../naming/grouping.ts';

/** What a first reading tells of identical requests, taken together. */
export type RequestFacts = {
  /** How many exchanges made this request. */
  readonly count: number;
  /** An answer sent the client elsewhere: status 3xx with a Location. */
  readonly redirected: boolean;
  /** It was sent without cookies although an earlier answer had set one for its host. */
  readonly withoutCookies: boolean;
};

/** A request that is written, or with `--shape endpoints` all calls of one endpoint. */
export type SurveyedRequest = RequestFacts & {
  /** `GET /users/:userId`, or what it calls. */
  readonly name: string;
  /** The values in it that came from answers of requests before it; `from.place` is an index of `requests`. */
  readonly links: readonly Link[];
  /** Who asks; the same object where the same asks. */
  readonly auth?: Auth | undefined;
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
  /** With `all`, calls that clients make to be asked who they are stay. */
  readonly calls?: 'first' | 'all';
  /** Follow values from answers to requests, and keep requests in an order in which that works. */
  readonly tests?: boolean;
};
