import type { InterceptorMessage, InterceptorRequest } from '../sync/wire/interceptor.ts';
import type { PushFilters, Session } from '../sync/wire/protocol.ts';
import { verify } from './client-api.ts';
import { answerCookies } from './cookies.ts';
import type { LinkState } from './popup-messages.ts';
import { backOffMs } from './push/back-off.ts';
import { readClientMessage } from './push/messages.ts';
import type { Outbox } from './push/outbox.ts';
import { Transfer } from './push/transfer.ts';
import type { Client } from './settings.ts';

export type LinkOptions = {
  readonly outbox: Outbox;
  readonly session: Session;
  readonly onFilters: (filters: PushFilters) => void;
  readonly onChange: () => void;
};

/** What the connection is needed for. */
export type Wanted = {
  readonly client: Client | undefined;
  readonly capture: boolean;
  readonly cookies: boolean;
};

const entriesAhead = 64;
/** Codes of closed connections (RFC 6455, 7.4.1). */
const goingAway = 1001;
const policyViolation = 1008;

/** The connection to the client: it is there while there is a need for it, and comes back when it was lost. */
export class Link {
  readonly #options: LinkOptions;
  #wanted: Wanted = { client: undefined, capture: false, cookies: false };
  #state: LinkState = { kind: 'unpaired' };
  #transfer: Transfer | undefined;
  #push: WebSocket | undefined;
  #cookies: WebSocket | undefined;
  #connecting = false;
  #failures = 0;
  /** The seq that came first when the client last ended the connection because of what it was sent. */
  #refused = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get state(): LinkState {
    if (this.#wanted.client === undefined) return { kind: 'unpaired' };
    if (this.#transfer?.paused) return { kind: 'paused' };
    return this.#state;
  }

  /** Says what is wanted from now on. */
  want(wanted: Wanted): void {
    const isSame = wanted.client?.token === this.#wanted.client?.token;
    this.#wanted = wanted;
    if (!isSame) this.#close();
    if (!wanted.cookies) this.#cookies?.close();
    this.sendNext();
  }

  /** Sends what has come, and connects when there is no connection. */
  sendNext(): void {
    this.#transfer?.sendNext();
    if (!this.#isNeeded()) this.#rest();
    else if (this.#retry === undefined) void this.#connect();
  }

  #isNeeded(): boolean {
    const { client, capture, cookies } = this.#wanted;
    return client !== undefined && (capture || cookies || this.#options.outbox.size > 0);
  }

  async #connect(): Promise<void> {
    const { client, cookies } = this.#wanted;
    if (client === undefined || this.#connecting) return;
    if (this.#push !== undefined && (!cookies || this.#cookies !== undefined)) return;
    this.#connecting = true;
    try {
      if (this.#push === undefined) this.#become({ kind: 'connecting' });
      await verify(client);
      // It may have been unpaired meanwhile.
      if (client !== this.#wanted.client) return;
      this.#push ??= this.#openPush(client);
      if (this.#wanted.cookies) this.#cookies ??= this.#openCookies(client);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    } finally {
      this.#connecting = false;
    }
  }

  #openPush(client: Client): WebSocket {
    const socket = openSocket(client, 'capture');
    let reason = '';
    socket.onopen = () => {
      this.#transfer = new Transfer({
        ...this.#options,
        window: entriesAhead,
        send: (message) => socket.send(JSON.stringify(message)),
        end: (fault = '') => {
          reason = fault;
          socket.close();
        },
      });
    };
    socket.onmessage = ({ data }) => {
      const message = readClientMessage(data);
      if (typeof message === 'string') {
        reason = message;
        socket.close();
      } else this.#transfer?.receive(message);
      if (!this.#transfer?.welcomed) return;
      this.#failures = 0;
      this.#become({ kind: 'connected' });
      if (!this.#isNeeded()) this.#rest();
    };
    socket.onclose = ({ code, reason: said }) => {
      if (this.#push !== socket) return;
      this.#push = undefined;
      this.#transfer = undefined;
      if (code === policyViolation) this.#skipRefused();
      if (this.#isNeeded()) this.#fail(endOf(reason || (code === goingAway ? '' : said)));
    };
    return socket;
  }

  // An entry that the client refuses again and again must not block those behind it.
  #skipRefused(): void {
    const { outbox } = this.#options;
    const { first } = outbox;
    if (this.#refused === first && outbox.size > 0) outbox.drop(first);
    this.#refused = first;
  }

  #openCookies(client: Client): WebSocket {
    const socket = openSocket(client, 'interceptor');
    socket.onmessage = async ({ data }) => {
      const { id, request } = JSON.parse(String(data)) as InterceptorRequest;
      if (!this.#wanted.cookies) return;
      const answer: InterceptorMessage = await answerCookies(id, request);
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(answer));
    };
    socket.onclose = () => {
      if (this.#cookies !== socket) return;
      this.#cookies = undefined;
      if (this.#wanted.cookies) this.#retryLater();
    };
    return socket;
  }

  #fail(reason: string): void {
    this.#become({ kind: 'away', reason });
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retry !== undefined) return;
    this.#failures += 1;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.sendNext();
    }, backOffMs(this.#failures));
  }

  // Nothing is left to do: the worker may end.
  #rest(): void {
    this.#close();
    this.#become({ kind: 'idle' });
  }

  #close(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#failures = 0;
    this.#transfer = undefined;
    const sockets = [this.#push, this.#cookies];
    this.#push = undefined;
    this.#cookies = undefined;
    for (const socket of sockets) socket?.close();
  }

  #become(state: LinkState): void {
    this.#state = state;
    this.#options.onChange();
  }
}

function endOf(reason: string): string {
  return reason === ''
    ? 'The client disconnected.'
    : `The client has ended the connection: ${reason}.`;
}

function openSocket({ port, token }: Client, path: string): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}/${path}?token=${encodeURIComponent(token)}`);
}
