import { UserError } from '../../errors.ts';
import { isRunning } from '../../running-process.ts';
import type { PairingCode } from '../../sync/wire/interceptor.ts';
import { type ClientFile, readClientFile } from './client-file.ts';
import { pairingFile } from './pairing-file.ts';

/**
 * Asks the running client of this account for a code that pairs a browser.
 *
 * @throws UserError when no client is running there
 */
export async function requestCode(home: string, port: number): Promise<PairingCode> {
  const client = await runningClient(home, port);
  if (client === undefined) throw absent(port);
  return (await post(client, 'code')) as PairingCode;
}

/**
 * Revokes every pairing. The client at this port, if it is running, also closes the connections of the browsers.
 *
 * @returns the number of pairings that were revoked
 */
export async function revokePairings(home: string, port: number): Promise<number> {
  const client = await runningClient(home, port);
  if (client !== undefined) return ((await post(client, 'revoke')) as { revoked: number }).revoked;
  const file = pairingFile(home);
  const { length } = await file.read();
  if (length > 0) await file.write([]);
  return length;
}

async function runningClient(home: string, port: number): Promise<ClientFile | undefined> {
  const client = await readClientFile(home, port);
  // A client that was killed leaves its file behind.
  return client !== undefined && isRunning(client.pid) ? client : undefined;
}

async function post({ port, token }: ClientFile, path: string): Promise<unknown> {
  const url = `http://127.0.0.1:${port}/api/interceptor/${path}`;
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: 'POST', headers }).catch((cause: unknown) => {
    throw absent(port, cause);
  });
  if (response.ok) return response.json();
  throw new UserError(`The client on port ${port} answers with ${response.status}.`, {
    hint: 'Restart it: pmproxy client',
  });
}

function absent(port: number, cause?: unknown): UserError {
  return new UserError(`No client of this account is running on port ${port}.`, {
    cause,
    hint: 'Start one in another terminal: pmproxy client',
  });
}
