import { lookup } from 'node:dns/promises';
import { type AddressInfo, isIP, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { errorCode, UserError } from '../errors.ts';
import { canonicalHost, isLoopback } from '../http/loopback.ts';

/** Connections that may wait to be accepted: enough for a burst of a thousand. Node's default is 511. */
const backlog = 4096;

/**
 * Listens.
 *
 * @param port 0 picks a free one
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
 * Whether a request for this host and our port would return to pmproxy. A name is resolved, so
 * call this only when the port is ours.
 *
 * @param bind where we listen
 */
export function isOwnAddress(hostname: string, bind: string): boolean | Promise<boolean> {
  if (isIP(hostname) !== 0) return isBound(hostname, bind);
  return lookup(hostname, { all: true }).then((addresses) =>
    addresses.some(({ address }) => isBound(address, bind)),
  );
}

/** A place that no request may reach, under any name. */
export type Reserved = {
  /** A name or an address, without brackets. */
  readonly hostname: string;
  readonly port: number;
};

/**
 * Whether a request for this host and port would reach a reserved place. Names are resolved, so this is cheap only if
 * the port is different.
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

/** Whether an open connection leads to a reserved place. */
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
  const plain = canonicalHost(address);
  if (plain === undefined) return false;
  if (plain === canonicalHost(bind) || plain === '0.0.0.0' || plain === '::') return true;
  if (!isEveryAddress(bind)) return bind === 'localhost' && isLoopback(plain);
  if (isLoopback(plain)) return true;
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((entry) => entry.address === plain),
  );
}

/**
 * The IPv4 addresses at which other machines on the network reach a server on all addresses, in the order of the
 * interfaces.
 *
 * @returns none for any other listen address, and without a network
 */
export function networkAddresses(bind: string): string[] {
  if (!isEveryAddress(bind)) return [];
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/**
 * The address of a server for a client, in URL form: on all addresses, it is the one that the client has called. Another
 * one may belong to a network in which the client is not.
 *
 * @param reachedAt the local address of the client's connection, if it has one
 */
export function addressFor(bind: string, reachedAt: string | undefined): string {
  const called = reachedAt === undefined ? undefined : canonicalHost(reachedAt);
  return formatHost(isEveryAddress(bind) ? (called ?? bind) : bind);
}

function isEveryAddress(bind: string): boolean {
  return bind === '0.0.0.0' || bind === '::';
}

/** A listen address in URL form; loopback for an address of all interfaces. */
export function formatHost(bind: string): string {
  const host = bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind;
  return host.includes(':') ? `[${host}]` : host;
}
