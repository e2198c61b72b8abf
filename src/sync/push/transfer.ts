import { describeError } from '../../errors.ts';
import type { Exchange, Filter } from '../../exchange.ts';
import type { HarEntry } from '../../har/types.ts';
import type { JournalFollower } from '../../record/journal-follower.ts';
import { exchangeFrame } from '../wire/frame.ts';
import type { ClientMessage, ProxyMessage, PushFilters } from '../wire/protocol.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Outbox } from './outbox.ts';
import type { PushNotice } from './push-notices.ts';
import { withoutBodies } from './without-bodies.ts';

export type TransferOptions = {
  readonly outbox: Outbox;
  /** The journal's follower, which also wakes the loop when the client sends a message. */
  readonly follower: JournalFollower;
  /** Makes the HAR entry that is sent. */
  readonly encode: (exchange: Exchange) => Promise<HarEntry>;
  /** Compiles the client's filters. Throws an error that says what is wrong with them. */
  readonly compile: (filters: PushFilters) => Filter;
  readonly onNotice: (notice: PushNotice) => void;
  /** Called when {@link Transfer.show} may succeed that did not before. */
  readonly onViewable?: () => void;
  /** How much may be sent that the client has not acknowledged. */
  readonly window: { readonly frames: number; readonly bytes: number };
  readonly maxFrameBytes: number;
  /** Whether to wait while the client pauses. */
  readonly isPatient: () => boolean;
  /** Called now and then while there is always more to send. It may wait, so that others can work. */
  readonly rest?: () => Promise<void>;
};

/**
 * How a transfer ends: everything is acknowledged, or the client has paused and is not waited for, or the connection has
 * ended.
 */
export type TransferEnd = 'delivered' | 'paused' | 'closed';

/** A rest is due when so many exchanges were sent one after the other, and again after so many more. */
const restAfter = { first: 256, more: 64 };

/** While more bytes wait to be sent, parts of streams are dropped. */
const maxViewBytes = 4 * 1024 * 1024;

/** The messages on one connection, and their state. */
export class Transfer {
  /** The highest seq that the client has stored. */
  acknowledged = 0;
  /** The client's filter; undefined without one. */
  filter: Filter | undefined;
  readonly #options: TransferOptions;
  #connection: ClientConnection | undefined;
  #closed = false;
  #paused = false;
  /** The highest seq sent. */
  #sent = 0;
  /** The sizes of unacknowledged frames, in bytes, the oldest first. */
  readonly #underway: number[] = [];
  #underwayBytes = 0;

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  /**
   * Handles a message from the client.
   *
   * @returns what is wrong with it, if anything
   */
  receive(message: Exclude<ClientMessage, { type: 'welcome' }>): string | undefined {
    this.#options.follower.wake();
    switch (message.type) {
      case 'ack':
        return this.#acknowledge(message.seq);
      case 'filters':
        this.#filterBy(message);
        break;
      default:
        this.#paused = message.type === 'pause';
    }
    if (this.#connection && !this.#paused) this.#options.onViewable?.();
    return undefined;
  }

  /** The connection has ended. */
  close(): void {
    this.#closed = true;
    this.#options.follower.wake();
  }

  /**
   * Sends the journal's exchanges, also those still to come, until one of the ends of {@link TransferEnd}.
   *
   * @throws UserError where the journal is damaged
   */
  async run(connection: ClientConnection): Promise<TransferEnd> {
    const { outbox, follower, isPatient, rest } = this.#options;
    if (connection.last > outbox.last) {
      connection.drop(`it has ${connection.last} exchanges and was sent ${outbox.last}`);
      return 'closed';
    }
    this.#connection = connection;
    this.acknowledged = connection.last;
    this.#sent = connection.last;
    if (!this.#paused) this.#options.onViewable?.();
    /** Exchanges sent since there was nothing left to send. */
    let sentAtOnce = 0;
    while (!this.#closed) {
      if (this.#paused && !isPatient()) return 'paused';
      const maySend = this.#maySend(connection);
      const exchange = maySend ? await outbox.exchange(this.#sent + 1, this.filter) : undefined;
      if (maySend) sentAtOnce = exchange ? sentAtOnce + 1 : 0;
      if (exchange) {
        await this.#send(connection, exchange);
        if (isRestDue(sentAtOnce)) await rest?.();
      } else if (follower.hasEnded && this.#hasAll()) {
        await connection.bye(this.#sent);
        return 'delivered';
      } else await follower.changed();
    }
    return 'closed';
  }

  /**
   * Sends what is a view only, unless the client does not want it, has paused or does not keep up.
   *
   * @returns whether it was sent
   */
  show(message: Extract<ProxyMessage, { type: 'begun' | 'part' }>): boolean {
    const connection = this.#connection;
    if (connection === undefined || this.#closed || this.#paused) return false;
    if (!connection.wantsStreams || connection.bufferedBytes > maxViewBytes) return false;
    connection.send(JSON.stringify(message), () => {});
    return true;
  }

  #maySend({ bufferedBytes }: ClientConnection): boolean {
    const { frames, bytes } = this.#options.window;
    return (
      !this.#paused &&
      this.#underway.length < frames &&
      this.#underwayBytes < bytes &&
      bufferedBytes < bytes
    );
  }

  #hasAll(): boolean {
    return !this.#paused && this.acknowledged === this.#options.outbox.last;
  }

  async #send(connection: ClientConnection, exchange: Exchange): Promise<void> {
    const seq = this.#sent + 1;
    const frame = exchangeFrame(seq, await this.#entryOf(exchange), this.#options.maxFrameBytes);
    // The client may have disconnected or paused meanwhile. The exchange is then sent again later.
    if (this.#closed || this.#paused) return;
    this.#sent = seq;
    this.#underway.push(frame.length);
    this.#underwayBytes += frame.length;
    connection.send(frame, this.#options.follower.wake);
  }

  // When a body cannot be read, the exchange is sent without its bodies, and the following ones are not affected.
  async #entryOf(exchange: Exchange): Promise<HarEntry> {
    const { encode, onNotice } = this.#options;
    try {
      return await encode(exchange);
    } catch (error) {
      const { method, url } = exchange.request;
      const message = `${method} ${url} is pushed without its bodies: ${describeError(error)}`;
      onNotice({ kind: 'damaged', message });
      return encode(withoutBodies(exchange));
    }
  }

  #acknowledge(seq: number): string | undefined {
    if (seq > this.#sent) return `an ack for ${seq} when ${this.#sent} were sent`;
    for (; this.acknowledged < seq; this.acknowledged += 1)
      this.#underwayBytes -= this.#underway.shift() ?? 0;
    return undefined;
  }

  #filterBy(filters: PushFilters): void {
    try {
      this.filter = this.#options.compile(filters);
    } catch (error) {
      const message = `The client's filters are ignored: ${describeError(error)}`;
      this.#options.onNotice({ kind: 'filters', message });
    }
  }
}

function isRestDue(sentAtOnce: number): boolean {
  const { first, more } = restAfter;
  return sentAtOnce >= first && sentAtOnce % more === 0;
}
