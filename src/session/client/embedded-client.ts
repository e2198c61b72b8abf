import { connect } from 'node:net';
import { describeError, errorCode } from '../../errors.ts';
import { isLoopback } from '../../http/loopback.ts';
import type { HubNotice } from '../../hub/coordinator.ts';
import { clientOptions } from '../../options/client.ts';
import { isRunning } from '../../running-process.ts';
import { visible } from '../../terminal/text.ts';
import type { DeliveryOptions, SendNotice } from '../delivery/messages.ts';
import { readClientFile } from './client-file.ts';
import type { RunningClient } from './running-client.ts';

/**
 * Starts a client at the address that exchanges are pushed to, if that is on this machine and no server listens there.
 *
 * @returns undefined when a client is already running, or none is wanted, or it cannot be started, which is logged
 */
export async function embedClient(
  { client, embedded, home, secrets }: DeliveryOptions,
  sendNotice: SendNotice,
): Promise<RunningClient | undefined> {
  const { hostname, port, token } = client;
  if (embedded === undefined || !isLoopback(hostname) || !client.url.startsWith('ws:'))
    return undefined;
  if (await isListening(hostname, port)) return undefined;
  // Loaded only here: pushing to a running client does not need the hub.
  const { startClient } = await import('./running-client.ts');
  try {
    return await startClient({
      ...embedded,
      home,
      bind: hostname,
      port,
      // A short token may be right for another client, but a client of ours needs one that cannot be guessed.
      token: clientOptions.token.schema.safeParse(token).data,
      secrets: secrets === 'keep' ? 'keep' : 'redact',
      onNotice: (notice) => tellOf(notice, sendNotice),
      onFailure: ({ message }) => sendNotice({ level: 'error', message }),
    });
  } catch (error) {
    // Another process was quicker.
    if (errorCode((error as Error).cause) === 'EADDRINUSE') return undefined;
    const message = `Cannot start a client: ${describeError(error)}`;
    sendNotice({ level: 'error', message });
    return undefined;
  }
}

/** The address of the page of a running client of this account; undefined when it is not known. */
export async function knownPage({
  client: { hostname, port, url },
  home,
}: DeliveryOptions): Promise<string | undefined> {
  if (!isLoopback(hostname)) return undefined;
  const file = await readClientFile(home, port);
  // A client that was killed leaves its file behind.
  if (file === undefined || !isRunning(file.pid)) return undefined;
  return `http://${new URL(url).host}/?token=${file.token}`;
}

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function tellOf(notice: HubNotice, sendNotice: SendNotice): void {
  if (notice.kind === 'failure')
    sendNotice({ level: 'error', message: describeError(notice.error) });
  else if (notice.kind === 'refused') {
    const name = visible(notice.session?.name ?? 'a proxy');
    sendNotice({ level: 'warn', message: `refused ${name}: ${notice.reason}` });
  }
}
