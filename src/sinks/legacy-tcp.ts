import { connect } from 'node:net';
import { describeError, errorCode } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import type { JournalFollower } from '../record/journal-follower.ts';
import { deadlineSignal, type Sink } from './sink.ts';

export type LegacyAppOptions = {
  /** Where the app listens. */
  readonly host: string;
  readonly port: number;
  /** The request object of PostmanProxy (2013) for an exchange, as it is sent. */
  readonly encode: (exchange: Exchange) => Promise<object>;
  /** Called once, when the app is missing or does not answer. */
  readonly onWarning: (message: string) => void;
  /** How long the app may take to answer. */
  readonly answerTimeoutMs?: number;
};

/** How many exchanges the app took, and how many it did not take or was not sent. */
export type LegacyDelivery = { readonly taken: number; readonly missed: number };

/** What the app answers to each call. */
const answer = 'received-request';
const usualAnswerTimeoutMs = 5000;

/**
 * Sends each exchange to a PostmanProxy (2013) app: one connection for each exchange, one after the other. A connection
 * carries one JSON text, whose end only the app's answer confirms. When the app is missing or silent, that exchange is
 * lost to it and the next one is tried.
 */
export function sendToLegacyApp(
  follower: JournalFollower,
  options: LegacyAppOptions,
): Sink<LegacyDelivery> {
  const { encode, onWarning } = options;
  const stopped = new AbortController();
  let taken = 0;
  let missed = 0;
  let hasWarned = false;

  const miss = (error: unknown) => {
    missed += 1;
    if (hasWarned || stopped.signal.aborted) return;
    hasWarned = true;
    onWarning(`${options.host}:${options.port} does not accept calls: ${describeError(error)}`);
  };
  const sendAll = async () => {
    for await (const line of follower.lines()) {
      try {
        stopped.signal.throwIfAborted();
        const text = JSON.stringify(await encode(follower.exchange(line)));
        await sendText(text, options, stopped.signal);
        taken += 1;
      } catch (error) {
        miss(error);
      }
    }
  };
  const sent = sendAll().finally(() => follower.close());
  // Thrown by `finish`; until then it must not count as unhandled.
  sent.catch(() => {});
  let ended: Promise<LegacyDelivery> | undefined;
  return {
    finish(deadline) {
      ended ??= (async () => {
        follower.end();
        const signal = deadlineSignal(deadline);
        const stop = () => stopped.abort();
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
        try {
          await sent;
          return { taken, missed };
        } finally {
          signal.removeEventListener('abort', stop);
        }
      })();
      return ended;
    },
  };
}

/** Sends one text and waits until the app has answered that it has it. */
function sendText(
  text: string,
  { host, port, answerTimeoutMs = usualAnswerTimeoutMs }: LegacyAppOptions,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(
      () => socket.destroy(new Error(`it does not answer ${answer}`)),
      answerTimeoutMs,
    );
    const abort = () => socket.destroy(new Error('the recording has ended'));
    signal.addEventListener('abort', abort, { once: true });
    let said = '';
    let isTaken = false;
    socket.setEncoding('utf8');
    socket.write(text);
    socket.on('data', (part) => {
      said += part;
      isTaken = said.includes(answer);
      if (isTaken) socket.end();
      else if (said.length > answer.length * 100)
        socket.destroy(new Error('it answers something else'));
    });
    socket.on('error', (error) => {
      // Once the app has confirmed a call, it does not matter how the connection ends.
      if (!isTaken) reject(errorCode(error) ? new Error(errorCode(error)) : error);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      if (isTaken) resolve();
      else reject(new Error(`it closes the connection without answering ${answer}`));
    });
  });
}
