import type {
  ClientMessage,
  ProxyMessage,
  PushFilters,
  Session,
} from '../../sync/wire/protocol.ts';
import type { Outbox } from './outbox.ts';

/** As the wire has it. */
const protocolVersion = 1;

export type TransferOptions = {
  readonly outbox: Outbox;
  readonly session: Session;
  /** Sends a message over the connection. */
  readonly send: (message: ProxyMessage) => void;
  /** Ends the connection; with a reason when the client violated the protocol. */
  readonly end: (reason?: string) => void;
  readonly onFilters: (filters: PushFilters) => void;
  /** Called when something has changed that people can see. */
  readonly onChange: () => void;
  /** How many entries may be sent ahead of the client's acknowledgement. */
  readonly window: number;
};

/** The messages over one connection to `/capture`, as docs/wire-protocol.md describes them. */
export class Transfer {
  /** Whether the client has said welcome. */
  welcomed = false;
  paused = false;
  readonly #options: TransferOptions;
  #acknowledged = 0;
  #sent = 0;

  /** Says hello. */
  constructor(options: TransferOptions) {
    this.#options = options;
    const { outbox, session, send } = options;
    send({ type: 'hello', protocol: protocolVersion, session, from: outbox.first });
  }

  /** Takes a message of the client. */
  receive(message: ClientMessage): void {
    const fault = this.#take(message);
    if (fault !== undefined) {
      this.#options.end(fault);
      return;
    }
    this.#options.onChange();
    this.sendNext();
  }

  /** Sends what there is, as far as the window allows. */
  sendNext(): void {
    const { outbox, send, end, window } = this.#options;
    while (this.welcomed && !this.paused && this.#sent < outbox.last) {
      if (this.#sent - this.#acknowledged >= window) return;
      const seq = this.#sent + 1;
      const exchange = outbox.entry(seq);
      if (exchange === undefined) {
        // It was dropped to make room. A new hello says where the session goes on.
        end();
        return;
      }
      this.#sent = seq;
      send({ type: 'exchange', seq, exchange });
    }
  }

  /** Returns what is wrong with a message, if anything. */
  #take(message: ClientMessage): string | undefined {
    const { outbox, onFilters } = this.#options;
    switch (message.type) {
      case 'filters': {
        const { type: _, ...filters } = message;
        onFilters(filters);
        return undefined;
      }
      case 'welcome':
        if (this.welcomed) return 'a second welcome';
        if (message.protocol !== protocolVersion) return `protocol ${message.protocol}`;
        this.welcomed = true;
        outbox.acknowledge(message.last);
        this.#acknowledged = outbox.first - 1;
        this.#sent = this.#acknowledged;
        return undefined;
      case 'ack':
        if (message.seq > this.#sent) return `an ack for ${message.seq}, which was not sent`;
        this.#acknowledged = Math.max(this.#acknowledged, message.seq);
        outbox.acknowledge(message.seq);
        return undefined;
      default:
        this.paused = message.type === 'pause';
        return undefined;
    }
  }
}
