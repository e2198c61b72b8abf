import type { RawData, WebSocket } from 'ws';
import { describeError } from '../errors.ts';
import { readEntry } from '../har/schema.ts';
import type { HarEntry } from '../har/types.ts';
import { type ReceivedMessage, readProxyFrame } from '../sync/wire/frame.ts';
import type { Row, SessionState } from '../sync/wire/page-events.ts';
import {
  type ClientMessage,
  handshakeTimeoutMs,
  type ProxyMessage,
  type PushFilters,
  protocolVersion,
  type Session,
} from '../sync/wire/protocol.ts';
import type { History } from './history/history.ts';
import type { OpenStreams } from './open-streams.ts';
import { closeCodes, closeWith } from './websocket.ts';

/** The connection of a proxy. */
type ProxyConnection = {
  readonly socket: WebSocket;
  readonly prepare: PrepareEntry | undefined;
  /** The entries that are being prepared, one after the other. */
  preparing: Promise<void>;
  session?: Session;
  /** The seq that is expected next. */
  next: number;
  /** The highest seq that was acknowledged. */
  acknowledged: number;
  /** Whether further messages are ignored. */
  isOver: boolean;
};

/**
 * Makes the entry that is stored of one that was pushed. Its seq is its place in the session, from 1.
 *
 * @throws UserError for an entry that is not valid
 */
export type PrepareEntry = (entry: HarEntry, seq: number) => Promise<HarEntry>;

/** An event about a proxy, for the log. */
export type ProxyNotice =
  | { readonly kind: 'connected' | 'disconnected'; readonly session: Session }
  | { readonly kind: 'refused'; readonly reason: string; readonly session?: Session };

/** The proxies that push to this client. */
export class ProxyConnections {
  readonly #history: History;
  readonly #streams: OpenStreams;
  readonly #onNotice: (notice: ProxyNotice) => void;
  readonly #online = new Map<string, ProxyConnection>();
  readonly #all = new Set<ProxyConnection>();
  #connected = true;
  #filters: PushFilters = {};
  /** Called when streams have changed. */
  onStreams: () => void = () => {};

  /** @param streams where what proxies say of streams goes */
  constructor(history: History, streams: OpenStreams, onNotice: (notice: ProxyNotice) => void) {
    this.#history = history;
    this.#streams = streams;
    this.#onNotice = onNotice;
  }

  get connected(): boolean {
    return this.#connected;
  }

  get filters(): PushFilters {
    return this.#filters;
  }

  /** Every known session, and whether its proxy is connected now. */
  sessions(): SessionState[] {
    return Array.from(this.#history.sessions, ({ session }) => {
      const { id, name, startedAt, proxy } = session;
      const online = this.#online.has(id);
      return { id, name, startedAt, online, ...(proxy !== undefined && { proxy }) };
    });
  }

  /** Tells all proxies, also those that connect later, to push or to pause. */
  connect(connected: boolean): void {
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.#sendAll({ type: connected ? 'resume' : 'pause' });
  }

  /** Tells all proxies, also those that connect later, what to push. */
  filter(filters: PushFilters): void {
    this.#filters = filters;
    this.#sendAll({ ...filters, type: 'filters' });
  }

  /**
   * Takes over the connection of a proxy.
   *
   * @param prepare makes the entry that is stored, where that is not the one that came
   */
  accept(socket: WebSocket, prepare?: PrepareEntry): void {
    const proxy: ProxyConnection = {
      ...{ socket, prepare, preparing: Promise.resolve() },
      ...{ next: 1, acknowledged: 0, isOver: false },
    };
    this.#all.add(proxy);
    const timer = setTimeout(() => {
      this.#refuse(proxy, closeCodes.policy, `no hello within ${handshakeTimeoutMs / 1000} s`);
    }, handshakeTimeoutMs);
    socket.on('message', (data, isBinary) => {
      if (proxy.isOver) return;
      if (proxy.session === undefined) clearTimeout(timer);
      this.#take(proxy, data, isBinary);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      this.#all.delete(proxy);
      this.#disconnect(proxy);
    });
  }

  /** Acknowledges rows that have been written. */
  acknowledge(rows: readonly Row[]): void {
    for (const id of new Set(rows.map(({ session }) => session))) {
      const proxy = this.#online.get(id);
      const seq = this.#history.stored(id);
      if (proxy === undefined || seq <= proxy.acknowledged) continue;
      proxy.acknowledged = seq;
      send(proxy, { type: 'ack', seq });
    }
  }

  /** Ends every connection. */
  close(): void {
    for (const proxy of this.#all) {
      proxy.isOver = true;
      closeWith(proxy.socket, closeCodes.goingAway, 'the client is stopping');
    }
  }

  #take(proxy: ProxyConnection, data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.#refuse(proxy, closeCodes.unsupported, 'messages must be text');
      return;
    }
    // One buffer, as long as the type of binary data is not changed.
    const read = readProxyFrame(data as Buffer);
    if (typeof read === 'string') {
      this.#refuse(proxy, closeCodes.policy, read);
      return;
    }
    const { message } = read;
    if (message.type === 'hello') void this.#handleHello(proxy, message);
    else if (proxy.session === undefined) {
      this.#refuse(proxy, closeCodes.protocol, 'hello must come first');
    } else if (message.type === 'exchange') this.#receive(proxy, proxy.session, message);
    else if (message.type === 'begun') this.#begin(proxy, proxy.session, message);
    else if (message.type === 'part') {
      if (this.#streams.add(proxy.session, message)) this.onStreams();
    } else void this.#handleBye(proxy);
  }

  // Everything that preceded the bye is acknowledged first.
  async #handleBye(proxy: ProxyConnection): Promise<void> {
    await proxy.preparing;
    await this.#history.flush();
    if (proxy.isOver) return;
    if (proxy.session) this.#streams.end(proxy.session);
    this.#disconnect(proxy);
    closeWith(proxy.socket, closeCodes.normal, 'goodbye');
  }

  async #handleHello(
    proxy: ProxyConnection,
    { protocol, session, from, streams }: Extract<ProxyMessage, { type: 'hello' }>,
  ): Promise<void> {
    if (proxy.session !== undefined) {
      this.#refuse(proxy, closeCodes.protocol, 'a second hello');
      return;
    }
    if (protocol !== protocolVersion) {
      const reason = `this client speaks protocol ${protocolVersion}, not ${protocol}`;
      this.#refuse(proxy, closeCodes.policy, reason);
      return;
    }
    proxy.session = session;
    const before = this.#online.get(session.id);
    this.#online.set(session.id, proxy);
    if (before !== undefined) {
      before.isOver = true;
      closeWith(before.socket, closeCodes.replaced, 'a newer connection took over this session');
    }
    this.#history.addSession(session);
    // Entries of an earlier connection may not be written yet, and would be sent again.
    await this.#history.flush();
    if (proxy.isOver) return;
    const last = this.#history.stored(session.id);
    proxy.next = Math.max(this.#history.accepted(session.id) + 1, from ?? 1);
    proxy.acknowledged = last;
    if (!this.#connected) send(proxy, { type: 'pause' });
    if (Object.keys(this.#filters).length > 0) send(proxy, { ...this.#filters, type: 'filters' });
    send(proxy, {
      type: 'welcome',
      protocol: protocolVersion,
      last,
      ...(streams && { streams }),
    });
    if (before === undefined) this.#onNotice({ kind: 'connected', session });
  }

  #receive(proxy: ProxyConnection, session: Session, message: ReceivedExchange): void {
    const { prepare } = proxy;
    if (prepare === undefined) {
      this.#store(proxy, session, message);
      return;
    }
    proxy.preparing = proxy.preparing.then(async () => {
      if (proxy.isOver) return;
      try {
        const exchange = await prepare(message.exchange, message.seq);
        if (!proxy.isOver) this.#store(proxy, session, { seq: message.seq, exchange });
      } catch (error) {
        this.#refuse(proxy, closeCodes.policy, describeError(error));
      }
    });
  }

  #store(
    proxy: ProxyConnection,
    session: Session,
    { seq, exchange, json }: ReceivedExchange,
  ): void {
    const history = this.#history;
    // A proxy that did not wait for the welcome may send an exchange again.
    if (seq <= history.accepted(session.id)) return;
    if (seq > proxy.next) {
      const reason = `exchange ${seq} came where ${proxy.next} was expected`;
      this.#refuse(proxy, closeCodes.policy, reason);
      return;
    }
    try {
      if (json === undefined) readEntry(exchange, 'exchange');
      const row = history.append(session, seq, exchange, json);
      if (row !== undefined) this.#streams.became(session, exchange._id, row);
    } catch (error) {
      this.#refuse(proxy, closeCodes.policy, describeError(error));
      return;
    }
    proxy.next = seq + 1;
    if (!history.congested || proxy.socket.isPaused) return;
    proxy.socket.pause();
    history.onceDrained(() => proxy.socket.resume());
  }

  #begin(
    proxy: ProxyConnection,
    session: Session,
    begun: Extract<ProxyMessage, { type: 'begun' }>,
  ): void {
    try {
      readEntry(begun.exchange, 'exchange');
      if (this.#streams.begin(session, begun)) this.onStreams();
    } catch (error) {
      this.#refuse(proxy, closeCodes.policy, describeError(error));
    }
  }

  #refuse(proxy: ProxyConnection, code: number, reason: string): void {
    proxy.isOver = true;
    closeWith(proxy.socket, code, reason);
    const { session } = proxy;
    this.#onNotice({ kind: 'refused', reason, ...(session && { session }) });
  }

  #disconnect(proxy: ProxyConnection): void {
    proxy.isOver = true;
    const { session } = proxy;
    if (session === undefined || this.#online.get(session.id) !== proxy) return;
    this.#online.delete(session.id);
    this.#streams.leave(session);
    this.onStreams();
    this.#onNotice({ kind: 'disconnected', session });
  }

  #sendAll(message: ClientMessage): void {
    for (const proxy of this.#online.values()) send(proxy, message);
  }
}

type ReceivedExchange = Pick<
  Extract<ReceivedMessage, { type: 'exchange' }>,
  'seq' | 'exchange' | 'json'
>;

function send({ socket, isOver }: ProxyConnection, message: ClientMessage): void {
  if (!isOver && socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
