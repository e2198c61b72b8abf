import { errorCode, UserError } from '../../errors.ts';
import type { Notice, ProxyOptions } from '../../proxy/index.ts';
import type { StreamNews } from '../../record/live-streams.ts';
import type { WorkerClock } from '../../record/worker-seqs.ts';
import type { BrowserLaunch } from '../launch.ts';

/** What a worker does. All of it is plain data, which another process can take. */
export type WorkerStart = {
  /** What commander collected: the worker reads the options anew. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly home: string;
  readonly setup: WorkerSetup;
  readonly task: RecordingTask | FilteringTask;
};

/** What the command line does not say about the proxy. */
export type WorkerSetup = {
  readonly wraps: boolean;
  readonly trustsProxy: boolean;
  readonly reserved?: ProxyOptions['reserved'];
};

export type RecordingTask = {
  readonly kind: 'record';
  /** From 1. */
  readonly worker: number;
  readonly clock: WorkerClock;
  /** The folder of the worker's segment of the journal. */
  readonly segment: string;
  /** When the journal was started, ISO 8601. */
  readonly startedAt: string;
  /** How many bytes of each body are kept. */
  readonly maxBody: number;
  readonly browser: BrowserLaunch | undefined;
  /** Whether to report each time that lines were written. */
  readonly isFollowed: boolean;
  /** Whether to report streams while they run. */
  readonly showsStreams: boolean;
  /** Whether to report the services that are called, for `--grpc-reflection`. */
  readonly asksTypes: boolean;
};

type FilteringTask = { readonly kind: 'filter' };

/** What a worker has counted, by name. */
export type WorkerCounts = Readonly<Record<string, number>>;

/** A message to a worker. */
export type WorkerOrder =
  | { readonly type: 'start'; readonly start: WorkerStart }
  /** The last news of streams is dealt with, and more may come. */
  | { readonly type: 'streams taken' }
  /** Report the counts now. */
  | { readonly type: 'count' }
  /** Accept no more connections, wait for exchanges in flight, and end. */
  | { readonly type: 'close'; readonly graceMs: number }
  /** Stop waiting. */
  | { readonly type: 'hurry' };

/** A message from a worker that records. */
export type RecordingReport =
  /** Lines were written to its segment. */
  | { readonly type: 'written' }
  | { readonly type: 'streams'; readonly news: StreamNews }
  /** A service was called for the first time. */
  | { readonly type: 'service'; readonly url: string; readonly service: string }
  /** The segment cannot be written any longer. */
  | { readonly type: 'broken'; readonly error: SentError }
  /** The segment's folder was removed. */
  | { readonly type: 'gone' };

/** What no client is answered with. */
export type NoticeReport = {
  readonly type: 'notice';
  readonly kind: Notice['kind'];
  readonly host: string;
  readonly error: SentError;
};

/** A message from any worker. */
export type WorkerReport =
  | RecordingReport
  | NoticeReport
  /** It takes orders from now on; earlier ones are lost, because node:cluster listens first. */
  | { readonly type: 'ready' }
  | { readonly type: 'listening'; readonly port: number; readonly url: string }
  /** It cannot start. */
  | { readonly type: 'failed'; readonly error: SentError }
  | {
      readonly type: 'counts';
      readonly counts: WorkerCounts;
      readonly inFlight: number;
      /** The order `count` asked for it. */
      readonly isAsked: boolean;
    }
  /** Its work is done, and everything is on disk. */
  | { readonly type: 'ended'; readonly counts: WorkerCounts };

/** An error as plain data. */
export type SentError = {
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  /** Set for an error that a person can mend. */
  readonly user: { readonly hint: string | undefined; readonly exitCode: 1 | 2 } | undefined;
};

/** Makes plain data of an error, with the code of its cause where it has none itself. */
export function sentError(error: unknown): SentError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const cause = error instanceof Error ? error.cause : undefined;
  return {
    message,
    stack,
    code: errorCode(error) ?? errorCode(cause),
    user: error instanceof UserError ? { hint: error.hint, exitCode: error.exitCode } : undefined,
  };
}

/** The error that another process has sent. The code of a UserError is that of its cause. */
export function receivedError({ message, stack, code, user }: SentError): Error {
  if (user === undefined) return Object.assign(new Error(message), { stack, code });
  const { hint, exitCode } = user;
  const cause = Object.assign(new Error(message), { code });
  return new UserError(message, { cause, exitCode, ...(hint !== undefined && { hint }) });
}
