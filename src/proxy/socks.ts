import type { Socket } from 'node:net';
import type { ClientAccess } from './client-access.ts';
import { BadRequest, parseAuthority } from './destination.ts';

/**
 * Reads a SOCKS request from a connection and grants it: version 5 (RFC 1928), 4 and 4A. If a user and a password are
 * required, clients send them as in RFC 1929, which version 4 cannot. Data after the request stays in the socket. Like
 * every intercepting proxy, it grants the request before connecting; an unreachable destination shows afterwards.
 *
 * mockttp has this too, but writes a stack trace to the console for each client that disconnects early.
 *
 * @returns `host:port`, or undefined when the request was refused
 * @throws when the connection ends or falls silent in the middle of it
 */
export async function acceptSocks(
  socket: Socket,
  timeoutMs: number,
  access?: ClientAccess,
): Promise<string | undefined> {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const input = bytesOf(socket);
  try {
    const [version] = await input.take(1);
    return version === 5
      ? await acceptSocks5(socket, input, access)
      : await acceptSocks4(socket, input, access);
  } finally {
    clearTimeout(timer);
    input.giveBack();
  }
}

const connectCommand = 1;
const noAuthentication = 0;
const userAndPassword = 2;

async function acceptSocks5(
  socket: Socket,
  input: Input,
  access: ClientAccess | undefined,
): Promise<string | undefined> {
  const [count = 0] = await input.take(1);
  const methods = count === 0 ? Buffer.alloc(0) : await input.take(count);
  const method = access ? userAndPassword : noAuthentication;
  if (!methods.includes(method)) {
    socket.end(Buffer.from([5, 0xff]));
    return undefined;
  }
  socket.write(Buffer.from([5, method]));
  if (access && !(await isAdmitted(socket, input, access))) return undefined;
  const [, command, , type] = await input.take(4);
  const host = await takeAddress(input, type);
  const target = host && authority(host, (await input.take(2)).readUInt16BE());
  // RFC 1928 6: succeeded, command not supported, address type not supported.
  const reply = command !== connectCommand ? 7 : target === undefined ? 8 : 0;
  const answer = Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]);
  if (reply !== 0) {
    socket.end(answer);
    return undefined;
  }
  socket.write(answer);
  return target;
}

/** RFC 1929, 2. */
async function isAdmitted(socket: Socket, input: Input, access: ClientAccess): Promise<boolean> {
  const [, userLength = 0] = await input.take(2);
  const user = await input.take(userLength);
  const [passwordLength = 0] = await input.take(1);
  const isRight = access.admitsPair(user, await input.take(passwordLength));
  if (isRight) socket.write(Buffer.from([1, 0]));
  else socket.end(Buffer.from([1, 1]));
  return isRight;
}

async function takeAddress(input: Input, type: number | undefined): Promise<string | undefined> {
  switch (type) {
    case 1:
      return [...(await input.take(4))].join('.');
    case 3: {
      const [length = 0] = await input.take(1);
      return length === 0 ? undefined : (await input.take(length)).toString('latin1');
    }
    case 4: {
      const bytes = await input.take(16);
      const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
      return `[${groups.join(':')}]`;
    }
    default:
      return undefined;
  }
}

async function acceptSocks4(
  socket: Socket,
  input: Input,
  access: ClientAccess | undefined,
): Promise<string | undefined> {
  const head = await input.take(7);
  await takeText(input);
  const address = head.subarray(3);
  // 4A: an impossible address means that a name follows.
  const named = address[0] === 0 && address[1] === 0 && address[2] === 0 && address[3] !== 0;
  const host = named ? await takeText(input) : [...address].join('.');
  const isGranted = head[0] === connectCommand && access === undefined;
  const target = isGranted ? authority(host, head.readUInt16BE(1)) : undefined;
  const answer = Buffer.from([0, target === undefined ? 0x5b : 0x5a, 0, 0, 0, 0, 0, 0]);
  if (target === undefined) socket.end(answer);
  else socket.write(answer);
  return target;
}

function authority(host: string, port: number): string | undefined {
  try {
    parseAuthority(`${host}:${port}`, 0);
    return `${host}:${port}`;
  } catch (error) {
    if (error instanceof BadRequest) return undefined;
    throw error;
  }
}

/** Latin-1 text up to a null byte; SOCKS 4 sets no limit, so one is set here. */
async function takeText(input: Input): Promise<string> {
  let text = '';
  while (text.length < 1024) {
    const [byte = 0] = await input.take(1);
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
  throw new Error('the SOCKS request is too long');
}

type Input = {
  /** The next bytes, once they have arrived. */
  take(length: number): Promise<Buffer>;
  /** Puts unread bytes back into the socket. */
  giveBack(): void;
};

function bytesOf(socket: Socket): Input {
  let held: Buffer = Buffer.alloc(0);
  return {
    async take(length) {
      while (held.length < length) {
        const chunk: Buffer | null = socket.read();
        if (chunk !== null) held = Buffer.concat([held, chunk]);
        else if (socket.readableEnded || socket.destroyed) {
          throw new Error('the connection ended in the middle of its SOCKS request');
        } else await news(socket);
      }
      const taken = held.subarray(0, length);
      held = held.subarray(length);
      return taken;
    },
    giveBack() {
      if (held.length > 0 && !socket.readableEnded) socket.unshift(held);
    },
  };
}

function news(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['readable', 'end', 'close']) socket.off(event, done);
      resolve();
    };
    for (const event of ['readable', 'end', 'close']) socket.on(event, done);
  });
}
