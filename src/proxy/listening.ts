import { lookup } from 'node:dns/promises';
import { type AddressInfo, isIP, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { errorCode, UserError } from '../errors.ts';

/** Connections that may wait to be accepted: a thousand that come at once are not turned away; Node's own is 511. */
const backlog = 4096;

/**
 * Listens.
 *
 * @param port 0 takes a free one
 * @returns the port
 * @throws UserError when the port is taken or may not be used, or the address is not this machine's
 */
export async function listen(server: Server, port: number, bind: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: bind, backlog }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: Error) => {
    const code = errorCode(error);
    if (code === 'EADDRINUSE')
      throw new UserError(`Port ${port} is already in use.`, { cause: error });
    if (code === 'EACCES')
      throw new UserError(`Port ${port} may not be used by this account.`, { cause: error });
    throw new UserError(`Cannot listen on ${bind}:${port}: ${error.message}`, {
      cause: error,
      hint: 'Try: --bind 127.0.0.1',
      exitCode: 2,
    });
  });
  return (server.address() as AddressInfo).port;
}

/**
 * Whether a request for this host and our port would come straight back to us. A name is resolved,
 * so this is to be asked only when the port is ours.
 *
 * @param bind where we listen
 */
export function isOwnAddress(hostname: string, bind: string): boolean | Promise<boolean> {
  if (isIP(hostname) !== 0) return isBound(hostname, bind);
  return lookup(hostname, { all: true }).then((addresses) =>
    addresses.some(({ address }) => isBound(address, bind)),
  );
}

/** Somewhere that no request may go, whatever it is called. */
export type Reserved = {
  /** A name or an address, without brackets. */
  readonly hostname: string;
  readonly port: number;
};

/**
 * Whether a request for this host and port would reach a reserved place. Names are resolved, so this is cheap only where
 * the port is another one.
 */
export function isReserved(
  hostname: string,
  port: number,
  reserved: readonly Reserved[],
): boolean | Promise<boolean> {
  const places = reserved.filter((place) => place.port === port);
  if (places.length === 0) return false;
  const tests = places.map(async (place) => {
    if (place.hostname.toLowerCase() === hostname.toLowerCase()) return true;
    const addresses = await addressesOf(place.hostname);
    const checks = addresses.map((address) => isOwnAddress(hostname, address));
    return (await Promise.all(checks)).includes(true);
  });
  return Promise.all(tests).then((found) => found.includes(true));
}

/** Whether a connection that was made leads to a reserved place. */
export function leadsTo(
  { remoteAddress = '', remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>,
  reserved: readonly Reserved[],
): boolean {
  return reserved.some(
    ({ hostname, port }) =>
      port === remotePort && isIP(hostname) !== 0 && isBound(remoteAddress, hostname),
  );
}

async function addressesOf(hostname: string): Promise<string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  const found = await lookup(hostname, { all: true });
  return found.map(({ address }) => address);
}

function isBound(address: string, bind: string): boolean {
  const plain = plainAddress(address);
  if (plain === plainAddress(bind) || plain === '0.0.0.0' || plain === '::') return true;
  if (bind !== '0.0.0.0' && bind !== '::') return bind === 'localhost' && isLoopback(plain);
  if (isLoopback(plain)) return true;
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((entry) => entry.address === plain),
  );
}

// The same address can be written in many ways, and an IPv4 address as an IPv6 one (RFC 4291, 2.5.5.2).
function plainAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const canonical = new URL(`http://[${address.replace(/%.*/s, '')}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join('.');
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** A listen address as it stands in a URL; for an address of all interfaces, loopback. */
export function formatHost(bind: string): string {
  const host = bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind;
  return host.includes(':') ? `[${host}]` : host;
}
