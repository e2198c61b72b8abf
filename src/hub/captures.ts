import type { RawData, WebSocket } from 'ws';
import { describeError } from '../errors.ts';
import { readEntry } from '../har/schema.ts';
import type { Row, SessionState } from '../sync/wire/page-events.ts';
import {
  type ClientMessage,
  type ProxyMessage,
  type PushFilters,
  protocolVersion,
  proxyMessage,
  readMessage,
  type Session,
} from '../sync/wire/protocol.ts';
import { closeCodes, closeWith } from './connection.ts';
import type { History } from './history/history.ts';

/** A connection that a proxy has opened. */
type Capture = {
  readonly socket: WebSocket;
  session?: Session;
  /** The seq that must come next. */
  next: number;
  /** The highest seq that was acknowledged. */
  acknowledged: number;
  /** Nothing that still comes counts. */
  isOver: boolean;
};

/** What happens to proxies, for whoever watches. */
export type CaptureNotice =
  | { readonly kind: 'connected' | 'disconnected'; readonly session: Session }
  | { readonly kind: 'refused'; readonly reason: string; readonly session?: Session };

const helloMs = 10_000;

/** The proxies that push to this client. */
export class Captures {
  readonly #history: History;
  readonly #onNotice: (notice: CaptureNotice) => void;
  readonly #online = new Map<string, Capture>();
  readonly #all = new Set<Capture>();
  #connected = true;
  #filters: PushFilters = {};

  constructor(history: History, onNotice: (notice: CaptureNotice) => void) {
    this.#history = history;
    this.#onNotice = onNotice;
  }

  get connected(): boolean {
    return this.#connected;
  }

  get filters(): PushFilters {
    return this.#filters;
  }

  /** Every session that is known, with whether its proxy is connected now. */
  sessions(): SessionState[] {
    return Array.from(this.#history.sessions, ({ session }) => {
      const { id, name, startedAt, proxy } = session;
      const online = this.#online.has(id);
      return { id, name, startedAt, online, ...(proxy !== undefined && { proxy }) };
    });
  }

  /** Tells all proxies, and those that come later, to push or to hold what they have. */
  connect(connected: boolean): void {
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.#tellAll({ type: connected ? 'resume' : 'pause' });
  }

  /** Tells all proxies, and those that come later, what to push. */
  filter(filters: PushFilters): void {
    this.#filters = filters;
    this.#tellAll({ ...filters, type: 'filters' });
  }

  /** Speaks to a proxy that has come in. */
  accept(socket: WebSocket): void {
    const capture: Capture = { socket, next: 1, acknowledged: 0, isOver: false };
    this.#all.add(capture);
    const timer = setTimeout(() => {
      this.#refuse(capture, closeCodes.policy, `no hello within ${helloMs / 1000} s`);
    }, helloMs);
    socket.on('message', (data, isBinary) => {
      if (capture.isOver) return;
      if (capture.session === undefined) clearTimeout(timer);
      this.#take(capture, data, isBinary);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      this.#all.delete(capture);
      this.#leave(capture);
    });
  }

  /** Acknowledges what has been written. */
  acknowledge(rows: readonly Row[]): void {
    for (const id of new Set(rows.map(({ session }) => session))) {
      const capture = this.#online.get(id);
      const seq = this.#history.stored(id);
      if (capture === undefined || seq <= capture.acknowledged) continue;
      capture.acknowledged = seq;
      tell(capture, { type: 'ack', seq });
    }
  }

  /** Ends every connection. */
  close(): void {
    for (const capture of this.#all) {
      capture.isOver = true;
      closeWith(capture.socket, closeCodes.goingAway, 'the client stops');
    }
  }

  #take(capture: Capture, data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.#refuse(capture, closeCodes.unsupported, 'messages are text');
      return;
    }
    const read = readMessage(proxyMessage, data.toString());
    if (typeof read === 'string') {
      this.#refuse(capture, closeCodes.policy, read);
      return;
    }
    const { message } = read;
    if (message.type === 'hello') void this.#greet(capture, message);
    else if (capture.session === undefined) {
      this.#refuse(capture, closeCodes.protocol, 'hello comes first');
    } else if (message.type === 'exchange') this.#store(capture, capture.session, message);
    else void this.#dismiss(capture);
  }

  // What came before the goodbye is acknowledged first.
  async #dismiss(capture: Capture): Promise<void> {
    await this.#history.flush();
    if (capture.isOver) return;
    this.#leave(capture);
    closeWith(capture.socket, closeCodes.normal, 'goodbye');
  }

  async #greet(
    capture: Capture,
    { protocol, session, from }: Extract<ProxyMessage, { type: 'hello' }>,
  ): Promise<void> {
    if (capture.session !== undefined) {
      this.#refuse(capture, closeCodes.protocol, 'a second hello');
      return;
    }
    if (protocol !== protocolVersion) {
      const reason = `this client speaks protocol ${protocolVersion}, not ${protocol}`;
      this.#refuse(capture, closeCodes.policy, reason);
      return;
    }
    capture.session = session;
    const before = this.#online.get(session.id);
    this.#online.set(session.id, capture);
    if (before !== undefined) {
      before.isOver = true;
      closeWith(before.socket, closeCodes.replaced, 'a newer connection has this session');
    }
    this.#history.addSession(session);
    // What an earlier connection sent may not be written yet, and would be sent again.
    await this.#history.flush();
    if (capture.isOver) return;
    const last = this.#history.stored(session.id);
    capture.next = Math.max(this.#history.accepted(session.id) + 1, from ?? 1);
    capture.acknowledged = last;
    if (!this.#connected) tell(capture, { type: 'pause' });
    if (Object.keys(this.#filters).length > 0) tell(capture, { ...this.#filters, type: 'filters' });
    tell(capture, { type: 'welcome', protocol: protocolVersion, last });
    if (before === undefined) this.#onNotice({ kind: 'connected', session });
  }

  #store(
    capture: Capture,
    session: Session,
    { seq, exchange }: Extract<ProxyMessage, { type: 'exchange' }>,
  ): void {
    const history = this.#history;
    // Sent again by somebody who did not wait for the welcome.
    if (seq <= history.accepted(session.id)) return;
    if (seq > capture.next) {
      const reason = `exchange ${seq} came where ${capture.next} was expected`;
      this.#refuse(capture, closeCodes.policy, reason);
      return;
    }
    try {
      readEntry(exchange, 'exchange');
      history.append(session, seq, exchange);
    } catch (error) {
      this.#refuse(capture, closeCodes.policy, describeError(error));
      return;
    }
    capture.next = seq + 1;
    if (!history.congested || capture.socket.isPaused) return;
    capture.socket.pause();
    history.onceDrained(() => capture.socket.resume());
  }

  #refuse(capture: Capture, code: number, reason: string): void {
    capture.isOver = true;
    closeWith(capture.socket, code, reason);
    const { session } = capture;
    this.#onNotice({ kind: 'refused', reason, ...(session && { session }) });
  }

  #leave(capture: Capture): void {
    capture.isOver = true;
    const { session } = capture;
    if (session === undefined || this.#online.get(session.id) !== capture) return;
    this.#online.delete(session.id);
    this.#onNotice({ kind: 'disconnected', session });
  }

  #tellAll(message: ClientMessage): void {
    for (const capture of this.#online.values()) tell(capture, message);
  }
}

function tell({ socket, isOver }: Capture, message: ClientMessage): void {
  if (!isOver && socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
