import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeError, errorCode, UserError } from '../errors.ts';

/** Makes a server listen.
 *
 * @param port 0 takes a free one
 * @returns the port
 * @throws UserError when the port is in use or not permitted, or the address is not one of this machine
 */
export async function listen(server: Server, port: number, bind: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: bind }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((cause: unknown) => {
    const code = errorCode(cause);
    if (code === 'EADDRINUSE') throw new UserError(`Port ${port} is already in use.`, { cause });
    if (code === 'EACCES') {
      throw new UserError(`Port ${port} may not be used by this account.`, { cause });
    }
    throw new UserError(`Cannot listen on ${bind}:${port}: ${describeError(cause)}`, {
      cause,
      hint: 'Try: --bind 127.0.0.1',
      exitCode: 2,
    });
  });
  return (server.address() as AddressInfo).port;
}
