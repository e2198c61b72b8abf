import type { SecretsOptions } from '../../sync/push/encoding.ts';
import type { Delivery } from '../../sync/push/producer.ts';
import type { Session } from '../../sync/wire/protocol.ts';

/** What the thread that delivers is given when it starts. */
export type DeliveryOptions = SecretsOptions & {
  readonly home: string;
  /** The journal's folder. */
  readonly folder: string;
  readonly client: {
    /** `ws://127.0.0.1:5005/capture` */
    readonly url: string;
    readonly hostname: string;
    readonly port: number;
    readonly token: string | undefined;
  };
  /** What a client that is started when none listens there is given; undefined to start none. */
  readonly embedded:
    | { readonly history: string | undefined; readonly collections: string }
    | undefined;
};

/** What that thread is told. */
export type DeliveryOrder =
  /** The proxy listens: from now on this session is pushed. */
  | { readonly type: 'begin'; readonly session: Session }
  /** The journal has grown. */
  | { readonly type: 'written' }
  /** The journal is whole: deliver what is left. */
  | { readonly type: 'finish'; readonly graceMs: number; readonly stay: Stay }
  /** Do not wait. */
  | { readonly type: 'hurry' };

/**
 * Whether a client of its own outlives the command whose calls it shows: until it is told otherwise, for as long as its page
 * is open, or not at all.
 */
export type Stay = 'always' | 'watched' | 'never';

/** Something for the log. */
export type DeliveryNotice = {
  readonly type: 'notice';
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly hint?: string;
};

/** Sends a line for the log. */
export type SendNotice = (notice: Omit<DeliveryNotice, 'type'>) => void;

/** A page that shows what is pushed. */
export type ClientPage = {
  /** With the token. */
  readonly url: string;
  /** Whether it is still there, with what it has, when this is over. */
  readonly stays: boolean;
};

/** What that thread tells. */
export type DeliveryReport =
  | DeliveryNotice
  /** Where the client's page is. */
  | ({ readonly type: 'page' } & ClientPage)
  /** The client of its own is still there to be looked at. */
  | { readonly type: 'staying' }
  /** How far it came; undefined where the journal cannot be read. */
  | { readonly type: 'end'; readonly delivery: Delivery | undefined }
  /** Nothing of it is left. */
  | { readonly type: 'over' };
