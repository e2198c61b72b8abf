import { z } from 'zod';
import type { CallMark, HarEntry } from '../../har/types.ts';
import { type PushFilters, pushFilters } from './protocol.ts';
import type { StreamPart } from './stream-part.ts';

// Pages take their types from here alone.
export type { CallMark, HarEntry, HarNameValue, HarWebSocketMessage } from '../../har/types.ts';
export type { PushFilters } from './protocol.ts';
export type { StreamPart } from './stream-part.ts';

/**
 * What the hub and its pages say to each other over `/events`; both ends are ours and come from one build. Exchanges
 * travel as rows, small enough that a page can hold 100,000 of them; what a row stands for is fetched when it is looked
 * at:
 *
 * - `GET  /api/exchanges/<n>` the HAR entry as JSON
 * - `POST /api/har`  body `{"rows": [n, …]}` or `{"rows": "all"}`: a HAR file
 * - `POST /api/curl` the same body: a shell script
 * - `GET  /api/state` the `ClientState`, which also tells whether this page may still come in
 *
 * What goes wrong there is answered as `{"error": "…"}`; 403 means that the token is another one now.
 */

/** One exchange in the list. */
export type Row = {
  /**
   * Its place in the client's history, from 1; never given twice, so that gaps are what was cleared. Streams that run are not
   * in the history and have numbers below 0.
   */
  readonly n: number;
  /** The session that it came from. */
  readonly session: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly method: string;
  readonly url: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly outcome: 'completed' | 'failed' | 'aborted' | 'unfinished' | 'running';
  /** Why it failed, in a few words. */
  readonly fault?: string;
  /** json, xml, html, form, text, image, script, css, font, media, binary; empty for no body. */
  readonly kind: string;
  /** Bytes of the answer's body. */
  readonly size: number;
  readonly durationMs: number;
  /** How it compares with the recordings that the client or its proxy was given. */
  readonly marks?: readonly CallMark['kind'][];
  /** How many messages, of a WebSocket. */
  readonly messages?: number;
  /** Of a stream that runs. */
  readonly stream?: {
    readonly kind: 'events' | 'socket' | 'grpc' | 'lines';
    /** How many parts have passed. */
    readonly parts: number;
    /** How many of these were dropped on the way and are not shown. */
    readonly dropped: number;
    /** It has ended, and its exchange is still to come. */
    readonly ended?: boolean;
  };
};

/** A proxy that pushes to this client, or did. */
export type SessionState = {
  readonly id: string;
  readonly name: string;
  readonly startedAt: string;
  /** Its connection is open. */
  readonly online: boolean;
  /** Where it listens, to be set as a proxy. */
  readonly proxy?: string;
};

/** What the page shows around its list. */
export type ClientState = {
  readonly version: string;
  /** Which history this is: rows that a page holds of another one are not in it. */
  readonly history: string;
  /** Rows up to this one are gone; 0 when none ever was. */
  readonly clearedThrough: number;
  /** What is typed to send traffic here. */
  readonly command: string;
  readonly sessions: readonly SessionState[];
  /** A browser with the Interceptor lets the page read and write its cookies. */
  readonly sharesCookies: boolean;
  /** False after Disconnect: proxies record on and hold what comes. */
  readonly connected: boolean;
  /** What is asked of the proxies; empty asks for everything. */
  readonly filters: PushFilters;
  /** The collection that arriving calls are added to; absent for history only. */
  readonly target?: string;
  /** The collections in the client's folder, by name. */
  readonly collections: readonly string[];
  /** Where collections are written, as it is shown. */
  readonly folder: string;
};

/** What the hub sends to a page: the state first of all, then whenever it has changed. */
export type HubEvent =
  | { readonly type: 'state'; readonly state: ClientState }
  /**
   * Rows in the order in which they came, at most 500 at once, so that a page stays smooth while they come. `more`
   * follows while what there was before is still being sent.
   */
  | { readonly type: 'rows'; readonly rows: readonly Row[]; readonly more?: true }
  /**
   * Streams that are new or have changed, and those that are gone, with the row that replaces each, if any. `all` is set in
   * the first such event: there are no other streams.
   */
  | {
      readonly type: 'streams';
      readonly all?: true;
      readonly changed: readonly Row[];
      readonly gone: readonly { readonly n: number; readonly becomes?: number }[];
    }
  /** The stream that the page follows, as far as it has come. */
  | { readonly type: 'stream'; readonly n: number; readonly entry: HarEntry }
  /** Parts of the stream that the page follows. `before` counts those that came before and are not sent any more. */
  | {
      readonly type: 'parts';
      readonly n: number;
      readonly before: number;
      readonly parts: readonly StreamPart[];
    }
  /** Rows up to this one are gone. */
  | { readonly type: 'cleared'; readonly through: number }
  /** A collection was written. */
  | { readonly type: 'saved'; readonly collection: string; readonly added: number }
  /** Something that was asked for, or goes on by itself, failed. */
  | { readonly type: 'failure'; readonly message: string };

const rows = z.union([z.literal('all'), z.array(z.int().min(1))]);
const collection = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((name) => !/^\.|[/\\:*?"<>|]|\p{Cc}/u.test(name), 'is not a valid file name');

/** What a page sends to the hub. */
export const pageCommand = z.discriminatedUnion('type', [
  /** First of all: which rows it has already, and of which history; of another one it is sent everything. */
  z.object({
    type: z.literal('start'),
    after: z.int().min(0),
    history: z.string().optional(),
  }),
  z.object({ type: z.literal('connect') }),
  z.object({ type: z.literal('disconnect') }),
  z.object({ type: z.literal('clear') }),
  pushFilters.extend({ type: z.literal('filters') }),
  /** Asks for the parts of a stream that runs, from now on instead of another one; of none when left out. */
  z.object({ type: z.literal('follow'), stream: z.int().max(-1).optional() }),
  /** Without a collection, calls stay in the history only. */
  z.object({ type: z.literal('target'), collection: collection.optional() }),
  /** Adds exchanges to a collection, new or there already. */
  z.object({ type: z.literal('save'), collection, rows }),
]);

/** The body of `POST /api/har` and `POST /api/curl`. */
export const rowSelection = z.object({ rows });

export type PageCommand = z.infer<typeof pageCommand>;
export type RowSelection = z.infer<typeof rowSelection>['rows'];
