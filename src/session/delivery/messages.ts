import type { MessagePort } from 'node:worker_threads';
import type { StreamNews } from '../../record/live-streams.ts';
import type { SecretsOptions } from '../../sync/push/encoding.ts';
import type { Delivery } from '../../sync/push/producer.ts';
import type { Session } from '../../sync/wire/protocol.ts';
import type { ComparisonOptions } from '../marks/comparison-options.ts';

/** What the delivery thread is started with. */
export type DeliveryOptions = SecretsOptions & {
  readonly home: string;
  /** The files of `--proto`, which compile. */
  readonly proto: readonly string[];
  /** Where servers are asked for the types of their messages. */
  readonly types?: MessagePort;
  /** How calls are judged; left out, they are not. */
  readonly compared?: ComparisonOptions;
  /** Leaves what earlier sessions did not deliver for `pmproxy sync`. */
  readonly onlyThis?: true;
  /** The journal's folder. */
  readonly folder: string;
  readonly client: {
    /** `ws://127.0.0.1:5005/capture` */
    readonly url: string;
    readonly hostname: string;
    readonly port: number;
    readonly token: string | undefined;
  };
  /** The options of a client that is started when none is running; undefined to start none. */
  readonly embedded:
    | { readonly history: string | undefined; readonly collections: string }
    | undefined;
};

/** A message to the delivery thread. */
export type DeliveryOrder =
  /** The proxy listens: from now on this session is pushed. */
  | { readonly type: 'begin'; readonly session: Session }
  /** The journal has grown. */
  | { readonly type: 'written' }
  /** What has happened to streams that run. */
  | { readonly type: 'streams'; readonly news: StreamNews }
  /** The journal is complete: deliver what is left. */
  | { readonly type: 'finish'; readonly graceMs: number; readonly stay: Stay }
  /** Stop waiting. */
  | { readonly type: 'hurry' };

/**
 * How long a client that this process started stays after the wrapped command: until a signal, while its page is open, or
 * not at all.
 */
export type Stay = 'always' | 'watched' | 'never';

/** A line for the log. */
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
  /** Whether the page and its history outlive this command. */
  readonly stays: boolean;
};

/** A message from the delivery thread. */
export type DeliveryReport =
  | DeliveryNotice
  /** The address of the client's page. */
  | ({ readonly type: 'page' } & ClientPage)
  /** The last news of streams is dealt with, and more may come. */
  | { readonly type: 'streams taken' }
  /** The client that this process started stays for its page. */
  | { readonly type: 'staying' }
  /** How much was delivered; undefined when the journal cannot be read. */
  | { readonly type: 'end'; readonly delivery: Delivery | undefined }
  /** The thread has ended its work. */
  | { readonly type: 'over' };
