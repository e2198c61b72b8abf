import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import { isLoopback } from '../../http/loopback.ts';
import {
  type ClientMessage,
  clientMessage,
  handshakeTimeoutMs,
  type ProxyMessage,
  protocolVersion,
  readMessage,
  type Session,
} from '../wire/protocol.ts';
import {
  absenceOf,
  breachOf,
  breakOf,
  ClientFault,
  closeFault,
  foreign,
  incompatible,
  refusal,
} from './client-fault.ts';

export type ConnectionOptions = {
  readonly url: string;
  readonly token: string | undefined;
  readonly session: Session;
  /**
   * Called with every message except the welcome; filters and a pause may precede it. Returns what is wrong with the
   * message.
   */
  readonly onMessage: (message: Exclude<ClientMessage, { type: 'welcome' }>) => string | undefined;
  /** Called once, when the connection that {@link dialClient} resolved with has ended. */
  readonly onClose: (fault: ClientFault) => void;
  /** How long the client may take to send its welcome. */
  readonly welcomeTimeoutMs?: number;
};

/** A connection to a client that has sent its welcome. */
export type ClientConnection = {
  /** The highest seq that the client has stored. */
  readonly last: number;
  /** Whether the client wants to be shown streams while they run. */
  readonly wantsStreams: boolean;
  /** Bytes that are not yet handed to the operating system. */
  readonly bufferedBytes: number;
  /** Sends a frame, such as one of {@link exchangeFrame}. `sent` is called when the operating system has taken it. */
  send(frame: Buffer | string, sent: () => void): void;
  /** Sends a bye message and closes the connection. */
  bye(last: number): Promise<void>;
  /** Ends the connection at once. A reason means that the client violated the protocol. */
  drop(reason?: string): void;
};

/** Messages of a client are small. */
const maxClientFrame = 1024 * 1024;
const keepAliveMs = 30_000;

/**
 * A mask of zeros leaves the bytes as they are. Masks protect intermediaries in the network from what is sent (RFC 6455,
 * 10.3), and on this machine there are none.
 */
const unmasked = (mask: Buffer) => void mask.fill(0);

/**
 * Connects to a client, sends a hello and waits for the welcome.
 *
 * @param signal cancels the attempt
 * @throws ClientFault
 */
export function dialClient(
  {
    url,
    token,
    session,
    onMessage,
    onClose,
    welcomeTimeoutMs = handshakeTimeoutMs,
  }: ConnectionOptions,
  signal: AbortSignal,
): Promise<ClientConnection> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      handshakeTimeout: welcomeTimeoutMs,
      maxPayload: maxClientFrame,
      perMessageDeflate: false,
      ...(isLoopback(new URL(url).hostname) && { generateMask: unmasked }),
    });
    let fault: ClientFault | undefined;
    let opened = false;
    let welcomed = false;
    const fail = (found: ClientFault) => {
      fault ??= found;
      socket.terminate();
    };
    const breach = (reason: string) => {
      fault ??= breachOf(url, reason);
      // At most 123 bytes (RFC 6455, 5.5).
      socket.close(1008, reason.replace(/[^ -~]/g, '?').slice(0, 123));
      // A client that violates the protocol may not answer the close frame either.
      socket.terminate();
    };
    const abort = () => fail(new ClientFault('lost', 'given up'));
    const timer = setTimeout(
      () => fail(foreign(url, 'it does not answer with a welcome message')),
      welcomeTimeoutMs,
    );
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      response.resume();
      fail(refusal(url, response.statusCode ?? 0));
    });
    let corked = (write: () => void) => write();
    socket.on('upgrade', ({ socket: tcp }: { socket: Socket }) => {
      corked = together(tcp);
      // TCP keep-alive, not pings: a stalled client answers no ping and must be waited for, a machine that is gone must
      // not.
      tcp.setKeepAlive(true, keepAliveMs);
    });
    socket.on('open', () => {
      opened = true;
      const hello: ProxyMessage = {
        type: 'hello',
        protocol: protocolVersion,
        session,
        streams: true,
      };
      socket.send(JSON.stringify(hello));
    });
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (fault) return;
      const read = isBinary ? 'a binary frame' : readMessage(clientMessage, String(data));
      if (typeof read === 'string') breach(read);
      else if (read.message.type !== 'welcome') {
        const wrong = onMessage(read.message);
        if (wrong !== undefined) breach(wrong);
      } else if (welcomed) breach('a second welcome');
      else if (read.message.protocol !== protocolVersion) {
        fail(incompatible(url, read.message.protocol));
      } else {
        welcomed = true;
        clearTimeout(timer);
        resolve(connectionOn(socket, corked, read.message, breach));
      }
    });
    socket.on('error', (error) => {
      fault ??= opened ? breakOf(url, error) : absenceOf(url, error);
    });
    socket.on('close', (code, reason) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      fault ??= closeFault(url, code, String(reason), welcomed);
      if (welcomed) onClose(fault);
      else reject(fault);
    });
  });
}

/** So many bytes are written at once. */
const fullBytes = 64 * 1024;

/** What is sent before the event loop goes on is written together: a write costs more than a frame. */
function together(tcp: Socket): (write: () => void) => void {
  const flush = () => {
    while (tcp.writableCorked > 0) tcp.uncork();
  };
  return (write) => {
    if (tcp.writableCorked === 0) {
      tcp.cork();
      process.nextTick(flush);
    }
    write();
    if (tcp.writableLength >= fullBytes) tcp.uncork();
  };
}

function connectionOn(
  socket: WebSocket,
  corked: (write: () => void) => void,
  { last, streams = false }: Extract<ClientMessage, { type: 'welcome' }>,
  breach: (reason: string) => void,
): ClientConnection {
  return {
    last,
    wantsStreams: streams,
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    // The next connection sends again what this one could not.
    send: (frame, sent) => corked(() => socket.send(frame, { binary: false }, sent)),
    bye(last) {
      const message: ProxyMessage = { type: 'bye', last };
      return new Promise((resolve) => {
        if (socket.readyState === WebSocket.CLOSED) resolve();
        else socket.once('close', resolve);
        socket.send(JSON.stringify(message), () => socket.close(1000));
      });
    },
    drop(reason) {
      if (reason === undefined) socket.terminate();
      else breach(reason);
    },
  };
}
