import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { HarEntry } from '../../src/har/types.ts';
import { type ProxyMessage, proxyMessage, readMessage } from '../../src/sync/wire/protocol.ts';
import { eventually } from './eventually.ts';
import { listen, tcpUpstream, type Upstream } from './upstream.ts';

/** What a client has of a session. */
type StoredSession = {
  readonly entries: HarEntry[];
  /** The goodbye, once it was said. */
  bye: number | undefined;
};

/** A client's memory, which outlives the client that fills it. */
export type Store = Map<string, StoredSession>;

export type CaptureOptions = {
  readonly store?: Store;
  readonly token?: string;
  readonly port?: number;
  /** Said before the welcome. */
  readonly first?: readonly object[];
  /** Said instead of the welcome, as it is. */
  readonly welcome?: string;
  /** Called with each connection, when it is open. */
  readonly onOpen?: (socket: WebSocket) => void;
  /** False leaves what comes unread. */
  readonly reads?: boolean;
  /** False acknowledges nothing. */
  readonly acknowledges?: boolean;
};

/** A running client of another make: it speaks `/capture` and no more. */
export type CaptureClient = Upstream & {
  readonly address: string;
  readonly store: Store;
  /** What came, as it came, message after message. */
  readonly messages: readonly ProxyMessage[];
  /** The requests that opened or wanted to open a connection. */
  readonly requests: readonly IncomingMessage[];
  readonly open: ReadonlySet<WebSocket>;
  /** Says something to every proxy that is connected. */
  say(message: object | string): void;
  /** Waits until so many exchanges are stored, of all sessions, and gives them. */
  stored(count: number): Promise<HarEntry[]>;
};

/** Starts a client that accepts `/capture` on a free port; it is gone when the test is over. */
export async function captureClient(options: CaptureOptions = {}): Promise<CaptureClient> {
  const { store = new Map(), token, reads = true, acknowledges = true } = options;
  const messages: ProxyMessage[] = [];
  const requests: IncomingMessage[] = [];
  const open = new Set<WebSocket>();
  const http = createServer();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 64 * 1024 * 1024,
    perMessageDeflate: false,
  });
  http.on('upgrade', (request, socket, head) => {
    requests.push(request);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      return;
    }
    server.handleUpgrade(request, socket, head, (peer) => accept(peer, socket as Socket));
  });

  function accept(socket: WebSocket, tcp: Socket): void {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    options.onOpen?.(socket);
    let session: StoredSession | undefined;
    socket.on('message', (data) => {
      const read = readMessage(proxyMessage, String(data));
      if (typeof read === 'string') throw new Error(`${read} in ${String(data).slice(0, 200)}`);
      const { message } = read;
      messages.push(message);
      if (message.type === 'hello') {
        const known = store.get(message.session.id) ?? { entries: [], bye: undefined };
        session = known;
        store.set(message.session.id, known);
        for (const said of options.first ?? []) socket.send(JSON.stringify(said));
        const welcome = { type: 'welcome', protocol: 1, last: known.entries.length };
        socket.send(options.welcome ?? JSON.stringify(welcome));
        if (!reads) tcp.pause();
      } else if (session === undefined) throw new Error('It did not say hello.');
      else if (message.type === 'bye') session.bye = message.last;
      else if (message.type === 'exchange') {
        if (message.seq !== session.entries.length + 1)
          throw new Error(`${message.seq} comes behind ${session.entries.length}`);
        session.entries.push(message.exchange);
        if (acknowledges) socket.send(JSON.stringify({ type: 'ack', seq: message.seq }));
      }
    });
  }

  const upstream = await listen(http, 'ws', '127.0.0.1', options.port);
  return Object.assign(Object.create(upstream) as Upstream, {
    address: `ws://127.0.0.1:${upstream.port}/capture`,
    store,
    messages,
    requests,
    open,
    say(message: object | string) {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      for (const socket of open) socket.send(text);
    },
    async stored(count: number) {
      const all = () => [...store.values()].flatMap(({ entries }) => entries);
      return eventually(() => {
        if (all().length < count) throw new Error(`${all().length} of ${count} are stored`);
        return all();
      });
    },
  });
}

/** Passes connections on to a port, and cuts each after the given number of bytes. */
export function cuttingRelay(port: number, bytesUntilCut: () => number): Promise<Upstream> {
  return tcpUpstream((socket) => {
    const onward = connect(port, '127.0.0.1');
    let left = bytesUntilCut();
    const cut = () => {
      socket.destroy();
      onward.destroy();
    };
    const pass = (to: Socket) => (chunk: Buffer) => {
      to.write(chunk.subarray(0, Math.max(left, 0)));
      left -= chunk.length;
      if (left <= 0) to.end(cut);
    };
    socket.on('data', pass(onward));
    onward.on('data', pass(socket));
    for (const side of [socket, onward]) side.on('error', cut).on('close', cut);
  });
}
