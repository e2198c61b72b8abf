import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A connection on which bytes are sent and awaited one by one; text is Latin-1. */
export type RawConnection = {
  readonly socket: Duplex;
  /** Everything that has come and not been taken by `until`. */
  readonly received: string;
  send(bytes: string | Uint8Array): void;
  /** Waits for a match, and takes everything up to its end. Rejects when the connection ends first. */
  until(pattern: string | RegExp): Promise<string>;
  /** Waits for the end of the connection, and takes everything. */
  rest(): Promise<string>;
};

/** Opens a TCP connection to a port of this machine, closed when the test is over. */
export async function connectRaw(port: number, host = '127.0.0.1'): Promise<RawConnection> {
  const socket = connect({ port, host });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return rawConnection(socket);
}

/** Wraps an open stream. */
export function rawConnection(socket: Duplex): RawConnection {
  let received = '';
  let ended = false;
  let wake = () => {};
  const finish = () => {
    ended = true;
    wake();
  };
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    wake();
  });
  socket.on('end', finish).on('close', finish).on('error', finish);
  const news = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  return {
    socket,
    get received() {
      return received;
    },
    send: (bytes) =>
      void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    async until(pattern) {
      for (;;) {
        const match = matchIn(received, pattern);
        if (match !== undefined) {
          const taken = received.slice(0, match);
          received = received.slice(match);
          return taken;
        }
        if (ended) throw new Error(`The connection ended after: ${JSON.stringify(received)}`);
        await news();
      }
    },
    async rest() {
      while (!ended) await news();
      return received;
    },
  };
}

function matchIn(text: string, pattern: string | RegExp): number | undefined {
  if (typeof pattern === 'string') {
    const at = text.indexOf(pattern);
    return at === -1 ? undefined : at + pattern.length;
  }
  const match = pattern.exec(text);
  return match ? match.index + match[0].length : undefined;
}

/** Sends exact bytes on a connection of their own and collects what comes until it ends. */
export async function sendRaw(port: number, bytes: string | Uint8Array): Promise<string> {
  const connection = await connectRaw(port);
  connection.send(bytes);
  return connection.rest();
}

/** Opens a tunnel through the proxy at this port to `host:port`. */
export async function openTunnel(proxyPort: number, target: string): Promise<Socket> {
  const socket = connect(proxyPort, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  // Not by listening for data: whoever takes the socket next must find it untouched.
  await once(socket, 'readable');
  const answer = String(socket.read());
  if (!/^HTTP\/1\.1 200 [^\r]*\r\n\r\n$/.test(answer)) {
    throw new Error(`No tunnel to ${target}: ${answer}`);
  }
  return socket;
}
