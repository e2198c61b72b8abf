import type { RemoteInfo, Socket } from 'node:dgram';

/** Answers address queries with its own addresses, and maps each address back to its name. */
export type Resolver = {
  /** Answers the queries that arrive at this socket. */
  serve(socket: Socket): void;
  /** Returns the name that was answered with this address. */
  nameOf(address: string): string | undefined;
};

/** 198.18.0.0/15 is for tests within one's own network (RFC 2544, appendix C.2.2): nothing real has such an address. */
const FIRST = 0xc6_12_00_00;
const COUNT = 0x2_00_00;
const TTL_SECONDS = 60;

// RFC 1035, 3.2.2; RFC 3596, 2.1; RFC 9460, 14.1.
const TYPE = { A: 1, AAAA: 28, SVCB: 64, HTTPS: 65 } as const;
// RFC 1035, 4.1.1.
const CODE = { ok: 0, noSuchName: 3, notImplemented: 4 } as const;

/** Names that a CONNECT request may contain. */
const NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/**
 * Creates a resolver that gives every name an address, even if the name does not exist: the proxy or its upstream proxy
 * resolves it. Queries for IPv6 addresses and services get empty answers, so that clients use the IPv4 address; other
 * types of queries are refused.
 */
export function createResolver(): Resolver {
  const names = new Map<string, string>();
  const addresses = new Map<string, string>();
  let next = 0;

  const addressFor = (name: string): string => {
    const known = addresses.get(name);
    if (known !== undefined) return known;
    // The first address of a range is the network's.
    const number = FIRST + 1 + (next % (COUNT - 1));
    next += 1;
    const address = [24, 16, 8, 0].map((bits) => (number >>> bits) & 255).join('.');
    const former = names.get(address);
    if (former !== undefined) addresses.delete(former);
    names.set(address, name);
    addresses.set(name, address);
    return address;
  };

  const answer = (query: Buffer): Buffer | undefined => {
    const question = readQuestion(query);
    if (question === undefined) return undefined;
    const { name, type, end } = question;
    const reply = (code: number, address?: string) =>
      response(query, query.subarray(12, end), code, address);
    if (name === 'localhost' || name.endsWith('.localhost'))
      return reply(CODE.ok, type === TYPE.A ? '127.0.0.1' : undefined);
    if (!NAME.test(name)) return reply(CODE.noSuchName);
    if (type === TYPE.A) return reply(CODE.ok, addressFor(name));
    const isEmpty = type === TYPE.AAAA || type === TYPE.SVCB || type === TYPE.HTTPS;
    return reply(isEmpty ? CODE.ok : CODE.notImplemented);
  };

  return {
    serve(socket) {
      // The client may have gone.
      socket.on('error', () => {});
      socket.on('message', (query: Buffer, { port, address }: RemoteInfo) => {
        const reply = answer(query);
        if (reply !== undefined) socket.send(reply, port, address);
      });
    },
    nameOf: (address) => names.get(address),
  };
}

/** The one question of a query (RFC 1035, 4.1.2); undefined for what is not a query. */
function readQuestion(query: Buffer): { name: string; type: number; end: number } | undefined {
  if (query.length < 12 || ((query[2] ?? 0) & 0x80) !== 0) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > query.length) return undefined;
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at), end: at + 4 };
}

function response(query: Buffer, question: Buffer, code: number, address?: string): Buffer {
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  // A response, with recursion as desired and available.
  head[2] = 0x80 | ((query[2] ?? 0) & 0x79);
  head[3] = 0x80 | code;
  head.writeUInt16BE(1, 4);
  if (address === undefined) return Buffer.concat([head, question]);
  head.writeUInt16BE(1, 6);
  const record = Buffer.alloc(16);
  // The name is that of the question (RFC 1035, 4.1.4).
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(TYPE.A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  record.set(address.split('.').map(Number), 12);
  return Buffer.concat([head, question, record]);
}
