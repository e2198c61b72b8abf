import type { RawData, WebSocket } from 'ws';
import {
  type ClientState,
  type HubEvent,
  type PageCommand,
  pageCommand,
} from '../sync/wire/page-events.ts';
import type { History } from './history/history.ts';
import type { OpenStream, OpenStreams } from './open-streams.ts';
import { ShownStreams } from './shown-streams.ts';
import { closeCodes, closeWith } from './websocket.ts';

/** The connection of a page. Rows are read from the history as fast as the page takes them, and are not buffered. */
type PageConnection = {
  readonly socket: WebSocket;
  started: boolean;
  /** The number of the last row that was sent. */
  sent: number;
  /** Rows up to this number existed when the page connected. */
  catchUp: number;
  stateDue: boolean;
  /** Pending events other than rows. */
  readonly waiting: HubEvent[];
  /** The streams that the page shows. */
  readonly streams: ShownStreams;
  /** Whether a message is being sent that the operating system has not taken yet. */
  sending: boolean;
  /** How many checks in a row have found that message still not taken. */
  misses: number;
};

/** The commands of a page that others handle. */
export type PageRequest = Exclude<PageCommand, { type: 'start' | 'follow' }>;

export type PageConnectionsOptions = {
  readonly history: History;
  readonly streams: OpenStreams;
  readonly state: () => ClientState;
  readonly onRequest: (request: PageRequest, answer: (event: HubEvent) => void) => void;
  /** After how long a page that does not read is disconnected. */
  readonly stalledMs: number;
  readonly onStalled: () => void;
};

/** How often pages are told what has changed of streams, in milliseconds. */
const streamsEveryMs = 15;
/** More rows in one message would make a page stutter. */
const rowsAtOnce = 500;
/**
 * The number of checks after which a page counts as stalled. Checks are counted instead of time, because a page cannot read
 * while this process itself is held up.
 */
const looks = 4;
/** With more pending events, a page is not reading. */
const maxWaiting = 1000;

/** The pages that show this client's history. */
export class PageConnections {
  readonly #options: PageConnectionsOptions;
  readonly #pages = new Set<PageConnection>();
  readonly #timer: NodeJS.Timeout;
  #streamsTimer: NodeJS.Timeout | undefined;
  /** The latest rows in encoded form, because most pages are sent the same rows. */
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

  /** Takes over the connection of a page. */
  accept(socket: WebSocket): void {
    const page: PageConnection = {
      socket,
      started: false,
      sent: 0,
      catchUp: 0,
      stateDue: false,
      waiting: [],
      streams: new ShownStreams(this.#options.streams),
      sending: false,
      misses: 0,
    };
    this.#pages.add(page);
    socket.on('message', (data, isBinary) => this.#receive(page, data, isBinary));
    socket.once('close', () => this.#pages.delete(page));
  }

  /** Sends new rows to all pages. */
  rows(): void {
    for (const page of this.#pages) this.#sendNext(page);
  }

  /** Sends what has changed of streams to all pages, soon. */
  streams(): void {
    this.#streamsTimer ??= setTimeout(() => {
      this.#streamsTimer = undefined;
      this.rows();
    }, streamsEveryMs);
  }

  /** Streams were replaced by rows. */
  replaced(streams: readonly OpenStream[]): void {
    for (const page of this.#pages) page.streams.replace(streams);
  }

  /** Sends the state to all pages. */
  state(): void {
    for (const page of this.#pages) {
      page.stateDue = true;
      this.#sendNext(page);
    }
  }

  /** Sends an event to all pages. */
  tell(event: HubEvent): void {
    for (const page of this.#pages) this.#queue(page, event);
  }

  /** Ends every connection. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#streamsTimer);
    for (const { socket } of this.#pages) {
      closeWith(socket, closeCodes.goingAway, 'the client is stopping');
    }
  }

  #receive(page: PageConnection, data: RawData, isBinary: boolean): void {
    const command = isBinary ? undefined : readCommand(data.toString());
    if (command === undefined) {
      closeWith(page.socket, closeCodes.policy, 'not understood');
    } else if (command.type === 'start') this.#start(page, command);
    else if (!page.started) closeWith(page.socket, closeCodes.protocol, 'start must come first');
    else if (command.type === 'follow') {
      page.streams.follow(command.stream);
      this.#sendNext(page);
    } else {
      this.#options.onRequest(command, (event) => this.#queue(page, event));
    }
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

  // One message at a time: the next is sent when the operating system has taken this one.
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
    if (event !== undefined) return JSON.stringify(event);
    const rows = this.#nextRows(page);
    if (rows !== undefined) return rows;
    const streams = page.streams.next();
    return streams && JSON.stringify(streams);
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
