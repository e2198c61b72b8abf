import { connect } from 'node:net';
import { describeError, errorCode } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { behind, followJournal } from '../record/journal-follower.ts';
import { createWakeUp } from '../record/wake-up.ts';

export type LegacyOptions = {
  /** The journal's folder; it may still be growing. */
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** The ancestor's request object of an exchange, as it is sent. */
  readonly encode: (exchange: Exchange) => Promise<object>;
  /** Told once that the app is missing or silent. */
  readonly onWarning: (message: string) => void;
  /** How long the app may take to answer; 5 s. */
  readonly patienceMs?: number;
};

/** Sends each exchange of a journal to the ancestor's app. */
export type LegacySender = {
  /** The journal has grown. */
  written(): void;
  /**
   * The journal is whole: sends what is left.
   *
   * @param signal ends the wait
   * @returns how many were taken, and how many were not or were not sent
   */
  finish(signal: AbortSignal): Promise<{ readonly taken: number; readonly missed: number }>;
};

const answer = 'received-request';

/**
 * Begins to send: one connection for each exchange, one after the other, with one JSON text on it that has no end but
 * the app's answer. An app that is missing or silent costs the exchange, and nothing else waits for it.
 *
 * @throws UserError when the folder is no journal
 */
export function startLegacySender(options: LegacyOptions): LegacySender {
  const { folder, encode, onWarning } = options;
  const follower = followJournal(folder);
  const wakeUp = createWakeUp();
  const over = new AbortController();
  let isWhole = false;
  let taken = 0;
  let missed = 0;
  let warned = false;

  const miss = (error: unknown) => {
    missed += 1;
    if (warned || over.signal.aborted) return;
    warned = true;
    onWarning(`${options.host}:${options.port} takes no calls: ${describeError(error)}`);
  };
  const running = (async () => {
    for (let offset = 0; ; ) {
      const place = follower.next(offset);
      if (place === undefined) {
        if (isWhole) return;
        await wakeUp.woken();
        continue;
      }
      offset = behind(place);
      try {
        over.signal.throwIfAborted();
        const text = JSON.stringify(await encode(follower.at(place)));
        await sendText(text, options, over.signal);
        taken += 1;
      } catch (error) {
        miss(error);
      }
    }
  })();
  running.catch(() => {});
  return {
    written: () => wakeUp.wake(),
    async finish(signal) {
      isWhole = true;
      wakeUp.wake();
      const stop = () => over.abort();
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      try {
        await running;
        return { taken, missed };
      } finally {
        signal.removeEventListener('abort', stop);
        follower.close();
      }
    },
  };
}

/** Sends one text and waits until the app has said that it has it. */
function sendText(
  text: string,
  { host, port, patienceMs = 5000 }: LegacyOptions,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(
      () => socket.destroy(new Error(`it does not say ${answer}`)),
      patienceMs,
    );
    const abort = () => socket.destroy(new Error('given up'));
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
        socket.destroy(new Error('it says something else'));
    });
    socket.on('error', (error) => {
      // What was taken is taken, however its connection ends.
      if (!isTaken) reject(errorCode(error) ? new Error(errorCode(error)) : error);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      if (isTaken) resolve();
      else reject(new Error(`it closes the connection without ${answer}`));
    });
  });
}
