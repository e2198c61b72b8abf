import type { Auth } from '../auth.ts';
import type { Link } from '../correlation/chains.ts';
import type { EndpointFacts } from '../endpoints/facts.ts';
import type { StatedTemplate } from '../endpoints/path-templates.ts';
import type { Grouped, Grouping } from '../naming/grouping.ts';

/** Facts about a group of identical requests, from the first reading. */
export type RequestFacts = {
  /** How many exchanges made this request. */
  readonly count: number;
  /** A response redirected the client: status 3xx with a Location. */
  readonly redirected: boolean;
  /** The request was sent without cookies although an earlier response had set one for its host. */
  readonly withoutCookies: boolean;
};

/** A request that is written, or with `--shape endpoints` all calls to one endpoint. */
export type SurveyedRequest = RequestFacts & {
  /** `GET /users/:userId`, or the name of the operation. */
  readonly name: string;
  /** The values that came from responses to earlier requests; `from.place` is an index into `requests`. */
  readonly links: readonly Link[];
  /** The authentication; requests that authenticate alike share one object. */
  readonly auth?: Auth | undefined;
  /** Present with `--shape endpoints`. */
  readonly endpoint?: EndpointFacts;
};

/** Facts about a recording that are needed before writing: small facts for each exchange, never the exchange. */
export type Survey = {
  /** The positions in the recording of the exchanges that become requests, in the order of writing. */
  readonly order: readonly number[];
  /** For each entry of `order`, its index into `requests`; the entries of one request are adjacent. */
  readonly requestOf: readonly number[];
  /** The requests to write, in order of first arrival. */
  readonly requests: readonly SurveyedRequest[];
  /** The folders; they refer to `requests` by index. */
  readonly grouped: readonly Grouped[];
  /** The origins in order of appearance, e.g. `https://api.example.com`. */
  readonly origins: ReadonlySet<string>;
  /** Connections that left HTTP (WebSockets), which no request can represent. */
  readonly upgraded: readonly Upgraded[];
};

export type Upgraded = {
  readonly url: string;
  /** Its position in the recording. */
  readonly place: number;
  /** Absent if it is not a WebSocket, or nothing is known of its messages. */
  readonly messages?: number;
};

export type SurveyOptions = {
  readonly dedupe: boolean;
  readonly restrictedHeaders: boolean;
  /** By default there are no folders. */
  readonly group?: Grouping;
  /** By default identical requests are merged. */
  readonly shape?: 'requests' | 'endpoints';
  readonly templates?: readonly StatedTemplate[];
  /** With `all`, requests that only fetch an authentication challenge are kept. */
  readonly calls?: 'first' | 'all';
  /** Follow values from responses to requests, and keep requests in an order in which that works. */
  readonly tests?: boolean;
};
