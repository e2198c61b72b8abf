import type { RawData, WebSocket } from 'ws';
import {
  type ClientState,
  type HubEvent,
  type PageCommand,
  pageCommand,
} from '../sync/wire/page-events.ts';
import type { History } from './history/history.ts';
import { closeCodes, closeWith } from './websocket.ts';

/** A page that has connected. Rows are read from the history as fast as it takes them; nothing is held for it. */
type PageConnection = {
  readonly socket: WebSocket;
  started: boolean;
  /** The place of the last row that it was sent. */
  sent: number;
  /** While rows up to this one are missing, it is sent what there was before. */
  catchUp: number;
  stateDue: boolean;
  /** What waits to be told, besides rows. */
  readonly waiting: HubEvent[];
  /** It is being sent something that it has not taken yet. */
  sending: boolean;
  /** How many times in a row it was looked at and had not taken it. */
  misses: number;
};

/** What a page may ask for once it has started. */
export type PageRequest = Exclude<PageCommand, { type: 'start' }>;

export type PageConnectionsOptions = {
  readonly history: History;
  readonly state: () => ClientState;
  readonly onRequest: (request: PageRequest, answer: (event: HubEvent) => void) => void;
  /** A page that takes nothing for so long is cut off. */
  readonly stalledMs: number;
  readonly onStalled: () => void;
};

/** More at once would make a page stutter. */
const rowsAtOnce = 500;
/**
 * A stalled page has been looked at so many times and had taken nothing. Time is not asked: where this process itself was
 * held up, pages had no chance to take anything.
 */
const looks = 4;
/** So much waits to be told only to who does not listen. */
const maxWaiting = 1000;

/** The pages that show this client's history. */
export class PageConnections {
  readonly #options: PageConnectionsOptions;
  readonly #pages = new Set<PageConnection>();
  readonly #timer: NodeJS.Timeout;
  /** The latest rows in the form in which they are sent: most pages want the same. */
  #batch = { from: -1, to: -1, more: false, text: Buffer.alloc(0) };

  constructor(options: PageConnectionsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#cutStalled(), options.stalledMs / looks);
    this.#timer.unref();
  }

  /** How many pages are open. */
  get count(): number {
    return this.#pages.size;
  }

  /** Speaks to a page that has come in. */
  accept(socket: WebSocket): void {
    const page: PageConnection = {
      socket,
      started: false,
      sent: 0,
      catchUp: 0,
      stateDue: false,
      waiting: [],
      sending: false,
      misses: 0,
    };
    this.#pages.add(page);
    socket.on('message', (data, isBinary) => this.#receive(page, data, isBinary));
    socket.once('close', () => this.#pages.delete(page));
  }

  /** Sends the rows that have come. */
  rows(): void {
    for (const page of this.#pages) this.#sendNext(page);
  }

  /** Sends the state, which has changed. */
  state(): void {
    for (const page of this.#pages) {
      page.stateDue = true;
      this.#sendNext(page);
    }
  }

  /** Tells all pages. */
  tell(event: HubEvent): void {
    for (const page of this.#pages) this.#queue(page, event);
  }

  /** Ends every connection. */
  close(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#pages) {
      closeWith(socket, closeCodes.goingAway, 'the client stops');
    }
  }

  #receive(page: PageConnection, data: RawData, isBinary: boolean): void {
    const command = isBinary ? undefined : readCommand(data.toString());
    if (command === undefined) {
      closeWith(page.socket, closeCodes.policy, 'not understood');
    } else if (command.type === 'start') this.#start(page, command);
    else if (page.started) {
      this.#options.onRequest(command, (event) => this.#queue(page, event));
    } else closeWith(page.socket, closeCodes.protocol, 'start comes first');
  }

  #start(
    page: PageConnection,
    { after, history: known }: Extract<PageCommand, { type: 'start' }>,
  ): void {
    const { history } = this.#options;
    const isKnown = after <= history.last && (known === undefined || known === history.id);
    page.sent = isKnown ? after : 0;
    page.catchUp = history.last;
    page.started = true;
    page.stateDue = true;
    this.#sendNext(page);
  }

  #queue(page: PageConnection, event: HubEvent): void {
    if (!page.started) return;
    page.waiting.push(event);
    if (page.waiting.length > maxWaiting) page.socket.terminate();
    else this.#sendNext(page);
  }

  // One message at a time: the next when the system has taken this one.
  #sendNext(page: PageConnection): void {
    const { socket } = page;
    if (!page.started || page.sending || socket.readyState !== socket.OPEN) {
      return;
    }
    const message = this.#next(page);
    if (message === undefined) return;
    page.sending = true;
    page.misses = 0;
    socket.send(message, { binary: false }, () => {
      page.sending = false;
      this.#sendNext(page);
    });
  }

  #next(page: PageConnection): Buffer | string | undefined {
    if (page.stateDue) {
      page.stateDue = false;
      const state: HubEvent = { type: 'state', state: this.#options.state() };
      return JSON.stringify(state);
    }
    const event = page.waiting.shift();
    return event === undefined ? this.#nextRows(page) : JSON.stringify(event);
  }

  #nextRows(page: PageConnection): Buffer | undefined {
    const { history } = this.#options;
    const from = Math.max(page.sent, history.clearedThrough);
    const to = Math.min(from + rowsAtOnce, history.last);
    if (to <= from) return undefined;
    page.sent = to;
    const more = to < Math.min(page.catchUp, history.last);
    const batch = this.#batch;
    if (batch.from !== from || batch.to !== to || batch.more !== more) {
      const rows = history.rowsAfter(from, to - from);
      const event: HubEvent = { type: 'rows', rows, ...(more && { more }) };
      this.#batch = { from, to, more, text: Buffer.from(JSON.stringify(event)) };
    }
    return this.#batch.text;
  }

  #cutStalled(): void {
    for (const page of this.#pages) {
      if (!page.sending) continue;
      page.misses += 1;
      if (page.misses <= looks) continue;
      const { socket } = page;
      if (socket.readyState === socket.OPEN) this.#options.onStalled();
      socket.terminate();
    }
  }
}

function readCommand(text: string): PageCommand | undefined {
  try {
    return pageCommand.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
