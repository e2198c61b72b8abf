import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
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
  /** Told about every message but the welcome, before which filters and a pause may come; says what is wrong with it. */
  readonly onMessage: (message: Exclude<ClientMessage, { type: 'welcome' }>) => string | undefined;
  /** Called once, when the connection that {@link dialClient} resolved with is over. */
  readonly onClose: (fault: ClientFault) => void;
  /** How long the client may take to say welcome. */
  readonly welcomeTimeoutMs?: number;
};

/** A client that said welcome. */
export type ClientConnection = {
  /** The highest seq that it has stored. */
  readonly last: number;
  /** Bytes that the system has not taken yet. */
  readonly bufferedBytes: number;
  /** Sends a frame of {@link exchangeFrame}; `sent` is called when the system has taken it. */
  send(frame: Buffer, sent: () => void): void;
  /** Says that nothing more will come, and closes. */
  bye(last: number): Promise<void>;
  /** Ends the connection at once; with a reason, because the client broke the protocol. */
  drop(reason?: string): void;
};

/** What a client has to say is small. */
const maxClientFrame = 1024 * 1024;
const keepAliveMs = 30_000;

/**
 * Dials a client, says hello and waits for its welcome.
 *
 * @param signal gives up
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
      // It may not answer that any more than it kept to the rest.
      socket.terminate();
    };
    const abort = () => fail(new ClientFault('lost', 'given up'));
    const timer = setTimeout(() => fail(foreign(url, 'it does not say welcome')), welcomeTimeoutMs);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      response.resume();
      fail(refusal(url, response.statusCode ?? 0));
    });
    socket.on('upgrade', ({ socket: tcp }: { socket: Socket }) => {
      // A stalled client answers no ping, and is waited for; a machine that is gone is not.
      tcp.setKeepAlive(true, keepAliveMs);
    });
    socket.on('open', () => {
      opened = true;
      const hello: ProxyMessage = { type: 'hello', protocol: protocolVersion, session };
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
        resolve(connectionOn(socket, read.message.last, breach));
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

function connectionOn(
  socket: WebSocket,
  last: number,
  breach: (reason: string) => void,
): ClientConnection {
  return {
    last,
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    // What could not be sent is sent again by the next connection.
    send: (frame, sent) => socket.send(frame, { binary: false }, sent),
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
