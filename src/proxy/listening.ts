import { lookup } from 'node:dns/promises';
import { type AddressInfo, isIP, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { errorCode, UserError } from '../errors.ts';

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
    server.listen({ port, host: bind }, () => {
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

function isBound(address: string, bind: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  if (plain === bind || plain === '0.0.0.0' || plain === '::') return true;
  if (bind !== '0.0.0.0' && bind !== '::') return bind === 'localhost' && isLoopback(plain);
  if (isLoopback(plain)) return true;
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((entry) => entry.address === plain),
  );
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** A listen address as it stands in a URL; for an address of all interfaces, loopback. */
export function formatHost(bind: string): string {
  const host = bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind;
  return host.includes(':') ? `[${host}]` : host;
}
