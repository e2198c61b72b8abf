import type { Duplex } from 'node:stream';
import { type SilenceWatch, watchSilence } from './silence.ts';

/** Observes one direction. The bytes it receives are in transit and must not be changed. */
export type Reader = {
  /** Reads bytes; false when the sender must pause until the reader is idle. */
  write(chunk: Buffer): boolean;
  busy(): boolean;
  /** Calls back once, when the reader may no longer be busy. */
  onceIdle(callback: () => void): void;
};

export type SpliceOptions = {
  /** How long both sides may be silent once one has ended, in milliseconds. */
  readonly silenceMs: number;
  readonly fromClient?: Reader | undefined;
  readonly fromUpstream?: Reader | undefined;
  /** Called once, when both connections are closed. */
  readonly onOver?: (end: SpliceEnd) => void;
};

export type SpliceEnd =
  /** Both sides ended, or only the upstream did. */
  | { readonly kind: 'completed' }
  /** The client disconnected. */
  | { readonly kind: 'aborted' }
  /** The connection to the upstream broke. */
  | { readonly kind: 'failed'; readonly error: Error };

/**
 * Joins two connections, byte for byte and with back-pressure, until both have ended. When one
 * breaks, the other is destroyed: it must not see a clean end. Either side may end before the other
 * does (TCP half-close, RFC 9293 3.6) and still receives. A closed peer looks the same as a half-closed
 * one until something is sent to it, so both are destroyed once nothing has passed for `silenceMs`.
 */
export function splice(client: Duplex, upstream: Duplex, options: SpliceOptions): void {
  let end: SpliceEnd | undefined;
  let open = 2;
  let silence: SilenceWatch | undefined;
  const breakOff = (how: SpliceEnd) => {
    end ??= how;
    client.destroy();
    upstream.destroy();
  };
  const heard = () => silence?.heard();
  const halfClosed = (whenSilent: SpliceEnd) => {
    silence ??= watchSilence(options.silenceMs, never, () => breakOff(whenSilent));
  };
  const closed = (connection: Duplex, broken: SpliceEnd) => {
    // After a clean end the other side has been notified and may still be reading the last bytes.
    if (!connection.readableEnded || !connection.writableFinished) breakOff(broken);
    open -= 1;
    if (open > 0) return;
    silence?.stop();
    options.onOver?.(end ?? { kind: 'completed' });
  };
  client.on('error', () => breakOff({ kind: 'aborted' }));
  upstream.on('error', (error) => breakOff({ kind: 'failed', error }));
  client.once('end', () => halfClosed({ kind: 'aborted' }));
  upstream.once('end', () => halfClosed({ kind: 'completed' }));
  whenClosed(client, () => closed(client, { kind: 'aborted' }));
  whenClosed(upstream, () => closed(upstream, { kind: 'completed' }));
  pump(client, upstream, options.fromClient, heard);
  pump(upstream, client, options.fromUpstream, heard);
}

const never = () => false;

function whenClosed(connection: Duplex, callback: () => void): void {
  if (connection.closed) process.nextTick(callback);
  else connection.once('close', callback);
}

function pump(from: Duplex, to: Duplex, reader: Reader | undefined, heard: () => void): void {
  const resume = () => {
    heard();
    if (to.writableNeedDrain) to.once('drain', resume);
    else if (reader?.busy()) reader.onceIdle(resume);
    else from.resume();
  };
  from.allowHalfOpen = true;
  from.on('data', (chunk: Buffer) => {
    heard();
    const taken = to.write(chunk);
    const read = reader?.write(chunk) ?? true;
    if (taken && read) return;
    from.pause();
    resume();
  });
  from.on('end', () => to.end());
  // The code that opened it may have paused it.
  from.resume();
}
