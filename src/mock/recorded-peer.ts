import { createRequire } from 'node:module';
import { type Duplex, duplexPair, type Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocketMessage, WebSocketRecord } from '../exchange.ts';

// ws exports it without declaring it in its types.
type Receiver = Writable & {
  on(event: 'message' | 'ping' | 'conclude', listener: (data: Buffer) => void): Receiver;
  on(event: 'error', listener: (error: Error) => void): Receiver;
};
type ReceiverClass = new (options: { isServer: boolean; maxPayload: number }) => Receiver;

const OPCODE = { text: 1, binary: 2, close: 8, pong: 10 } as const;
const MOST_MESSAGE_BYTES = 64 * 1024 * 1024;

/**
 * The server's side of a recorded WebSocket. It sends the messages before the client's first message at once, and
 * after each client message those that followed it. The content of client messages is not compared.
 *
 * @param isPaced whether messages keep the time between them
 * @returns the client's end of the connection, after the handshake
 */
export async function recordedPeer(record: WebSocketRecord, isPaced: boolean): Promise<Duplex> {
  const { Receiver }: { Receiver: ReceiverClass } = createRequire(import.meta.url)('ws');
  const script: WebSocketMessage[] = [];
  for await (const message of record.messages()) script.push(message);
  const [client, server] = duplexPair();
  const receiver = new Receiver({ isServer: true, maxPayload: MOST_MESSAGE_BYTES });
  let next = 0;
  let isClosed = false;
  const gone = new AbortController();
  client.once('close', () => {
    isClosed = true;
    gone.abort();
  });

  const say = (opcode: number, data: Uint8Array) => {
    if (!isClosed) server.write(frame(opcode, data));
    if (opcode !== OPCODE.close) return;
    isClosed = true;
    server.end();
  };
  // Parts of the script run in sequence, even if each takes time.
  let speaking = Promise.resolve();
  const goOn = () => {
    speaking = speaking.then(async () => {
      let last = script[next - 1]?.at;
      for (; script[next]?.from === 'server'; next += 1) {
        const { at, opcode, data } = script[next] as WebSocketMessage;
        if (isPaced && last !== undefined) await pause(at - last, gone.signal);
        if (isClosed) return;
        last = at;
        if (opcode !== OPCODE.pong) say(opcode, data);
      }
    });
  };
  const heard = () => {
    // Sends what follows the client's message in the script. Client pings and pongs do not advance it.
    const at = script.findIndex(({ from, opcode }, index) => {
      return index >= next && from === 'client' && opcode <= OPCODE.binary;
    });
    if (at < 0) return;
    speaking = speaking.then(() => {
      next = Math.max(next, at + 1);
    });
    goOn();
  };
  receiver.on('message', heard);
  receiver.on('ping', (data) => say(OPCODE.pong, data));
  receiver.on('conclude', () => void speaking.then(() => say(OPCODE.close, closeData(script))));
  receiver.on('error', () => server.destroy());
  server.on('error', () => {});
  server.on('data', (chunk: Buffer) => receiver.write(Buffer.from(chunk)));
  server.on('end', () => server.end());
  goOn();
  return client;
}

/** Also ends if the client disconnects. */
async function pause(ms: number, gone: AbortSignal): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal: gone }).catch(() => {});
}

/** The recorded close frame of the server, or a normal one (RFC 6455, 7.4.1). */
function closeData(script: readonly WebSocketMessage[]): Uint8Array {
  const closing = script.find(({ from, opcode }) => from === 'server' && opcode === OPCODE.close);
  return closing?.data ?? Buffer.from([0x03, 0xe8]);
}

/** A message in one frame, unmasked like all server frames (RFC 6455, 5.2). */
function frame(opcode: number, data: Uint8Array): Buffer {
  const { length } = data;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = length < 126 ? length : length < 65536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, data]);
}
