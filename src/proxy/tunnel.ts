import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { watchSilence } from './silence.ts';
import { splice } from './splice.ts';
import type { Upstreams } from './upstream.ts';

/**
 * Relays a connection that is neither HTTP nor interceptable TLS to its tunnel's destination.
 *
 * @param onError called when the destination cannot be reached; the client's connection is then closed,
 *   because the tunnel was already granted (RFC 9110 9.3.6) and no other answer is possible
 * @param silenceMs how long the tunnel may be silent once one side has ended
 */
export async function passThrough(
  socket: Socket,
  hostname: string,
  port: number,
  upstreams: Upstreams,
  silenceMs: number,
  onError: (error: Error) => void,
): Promise<void> {
  socket.on('error', () => {});
  try {
    const upstream = await upstreams.connect(hostname, port);
    if (socket.destroyed) upstream.destroy();
    else splice(socket, upstream, { silenceMs });
  } catch (error) {
    socket.destroy();
    onError(error as Error);
  }
}

/**
 * Handles a tunnel whose client is silent: in some protocols (SMTP, MySQL, SSH) the server speaks
 * first, and both sides would wait forever. After `patienceMs`, pmproxy connects to the destination.
 * If the server speaks before the client, the two are joined. Otherwise the connection is dropped
 * and the tunnel is read as usual.
 *
 * @param takeOver called when the tunnel is joined, so that no other code reads from it
 * @param limits `timeoutMs` is how long the joined tunnel may be silent once one side has ended
 */
export function watchSilentTunnel(
  socket: Socket,
  call: () => Promise<Socket>,
  takeOver: () => void,
  { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: Clock },
  patienceMs = 500,
): void {
  let upstream: Socket | undefined;
  let spoken = false;
  const stop = () => {
    spoken = true;
    silence.stop();
    upstream?.destroy();
  };
  const callDestination = () => {
    call().then(
      (opened) => {
        opened.on('error', () => {});
        if (spoken) {
          opened.destroy();
          return;
        }
        upstream = opened;
        opened.once('readable', () => {
          if (spoken || opened.readableLength === 0) return;
          socket.off('readable', stop);
          socket.off('close', stop);
          takeOver();
          splice(socket, opened, { silenceMs: timeoutMs });
        });
      },
      () => {},
    );
  };
  const silence = watchSilence(patienceMs, () => false, callDestination, clock);
  socket.once('readable', stop);
  socket.once('close', stop);
}
