import { describeError } from '../../errors.ts';
import { JournalFollower } from '../../record/journal-follower.ts';
import { maxFrameBytes, type Session } from '../wire/protocol.ts';
import { type BackOffOptions, createBackOff } from './backoff.ts';
import { type ClientConnection, dialClient } from './client-connection.ts';
import { ClientFault } from './client-fault.ts';
import { Outbox } from './outbox.ts';
import { createPushNotices } from './push-notices.ts';
import { Transfer, type TransferOptions } from './transfer.ts';

export type ProducerOptions = Pick<
  TransferOptions,
  'encode' | 'compile' | 'onNotice' | 'onViewable' | 'rest'
> & {
  /** The journal's folder; it may still be growing. */
  readonly folder: string;
  /** Where the client listens: `ws://127.0.0.1:5005/capture`. */
  readonly url: string;
  /** Called before each attempt, because a restarted client may have another token. */
  readonly token?: () => Promise<string | undefined>;
  readonly session: Session;
  readonly backOff?: BackOffOptions;
  readonly window?: TransferOptions['window'];
  readonly maxFrameBytes?: number;
};

/** How much of a journal was delivered. */
export type Delivery = {
  /** Exchanges that the client has stored. */
  readonly delivered: number;
  /** Exchanges that were not sent or not acknowledged. */
  readonly undelivered: number;
};

const usualBackOff: BackOffOptions = { firstMs: 200, longestMs: 10_000 };
/** After this time a connection counts as established, not as an attempt. */
const steadyMs = 10_000;
const usualWindow = { frames: 256, bytes: 8 * 1024 * 1024 };

/**
 * Pushes a journal to a client. The journal is the buffer: memory holds one exchange and the sizes of the unacknowledged
 * frames, whose number is limited. A client that is slow or absent costs only disk space.
 */
export class Producer {
  readonly #options: ProducerOptions;
  readonly #follower: JournalFollower;
  readonly #outbox: Outbox;
  readonly #over = new AbortController();
  /** Aborted to end the delay before the next attempt. */
  readonly #retryNow = new AbortController();
  readonly #running: Promise<void>;
  #transfer: Transfer | undefined;
  #serving: Transfer | undefined;
  /** The highest seq that the client has acknowledged. */
  #acknowledged = 0;
  #patient = true;

  /**
   * Starts to push.
   *
   * @throws UserError when the folder is not a journal
   */
  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#follower = new JournalFollower(options.folder);
    this.#outbox = new Outbox(options.folder, this.#follower);
    this.#running = this.#run();
    this.#running.catch((error: unknown) => {
      // `finish` throws the same error.
      options.onNotice({
        kind: 'damaged',
        message: `No more is pushed: ${describeError(error)}`,
      });
    });
  }

  /** The connection that exchanges are sent on now; undefined while there is none. */
  get transfer(): Transfer | undefined {
    return this.#serving;
  }

  /** Says that the journal has grown. */
  written(): void {
    this.#follower.wake();
  }

  /**
   * Says that the journal is complete, and waits until the client has stored all of it.
   *
   * @param signal ends the wait
   * @param patient also waits for a client that is absent or has paused
   * @throws UserError when the journal is damaged
   */
  async finish(signal: AbortSignal, patient = false): Promise<Delivery> {
    this.#patient = patient;
    if (!patient) this.#retryNow.abort();
    this.#follower.end();
    const stop = () => this.stop();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#running;
      const undelivered = await this.#outbox.countBehind(
        this.#acknowledged,
        this.#transfer?.filter,
      );
      return { delivered: this.#acknowledged, undelivered };
    } finally {
      signal.removeEventListener('abort', stop);
      this.#outbox.close();
      this.#follower.close();
    }
  }

  /** Drops the connection and does not reconnect. */
  stop(): void {
    this.#over.abort();
    this.#retryNow.abort();
    this.#follower.wake();
  }

  async #run(): Promise<void> {
    const { url, onNotice, backOff: delays = usualBackOff } = this.#options;
    const backOff = createBackOff(delays);
    const notices = createPushNotices(url, onNotice);
    while (!this.#over.signal.aborted) {
      const lastCall = !this.#patient;
      const open = await this.#dial();
      if (open instanceof ClientFault) {
        notices.fault(open);
        if (lastCall) return;
      } else {
        notices.connected();
        const since = performance.now();
        const before = this.#acknowledged;
        if ((await this.#serve(open)) !== 'closed') return;
        notices.fault(await open.ended);
        const held = performance.now() - since > steadyMs;
        if (held) notices.steady();
        if (held || this.#acknowledged > before) backOff.reset();
      }
      // Once `finish` was called, one more attempt is made without delay.
      await backOff.wait(lastCall ? this.#over.signal : this.#retryNow.signal);
    }
  }

  /** Tries to connect once. */
  async #dial(): Promise<OpenConnection | ClientFault> {
    const { url, token, session } = this.#options;
    const transfer = new Transfer({
      window: usualWindow,
      maxFrameBytes,
      ...this.#options,
      outbox: this.#outbox,
      follower: this.#follower,
      isPatient: () => this.#patient,
    });
    let end: (fault: ClientFault) => void = () => {};
    const ended = new Promise<ClientFault>((resolve) => {
      end = resolve;
    });
    const onClose = (fault: ClientFault) => {
      end(fault);
      transfer.close();
    };
    const onMessage = transfer.receive.bind(transfer);
    try {
      const connection = await dialClient(
        { url, token: await token?.(), session, onMessage, onClose },
        this.#over.signal,
      );
      return { connection, transfer, ended };
    } catch (error) {
      if (error instanceof ClientFault) return error;
      throw error;
    }
  }

  async #serve({ connection, transfer }: OpenConnection) {
    this.#transfer = transfer;
    this.#serving = transfer;
    try {
      return await transfer.run(connection);
    } finally {
      this.#serving = undefined;
      this.#acknowledged = transfer.acknowledged;
      connection.drop();
    }
  }
}

type OpenConnection = {
  readonly connection: ClientConnection;
  readonly transfer: Transfer;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<ClientFault>;
};
