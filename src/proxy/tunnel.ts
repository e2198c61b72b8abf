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
 * and the tunnel is read as usual. An HTTP/2 server speaks at once, but its client does not wait
 * for that (RFC 9113 3.4): the client is late, and the tunnel is read as usual.
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
          const words: Buffer | null = spoken ? null : opened.read();
          if (words === null) return;
          if (isSettings(words)) {
            opened.destroy();
            return;
          }
          opened.unshift(words);
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

/** Whether a server's first bytes are the SETTINGS frame that HTTP/2 servers begin with (RFC 9113 3.4, 6.5). */
function isSettings(words: Buffer): boolean {
  if (words.length < 9) return false;
  const [length, type, flags, stream] = [
    words.readUIntBE(0, 3),
    words[3],
    words[4],
    words.readUInt32BE(5),
  ];
  return length % 6 === 0 && type === 4 && flags === 0 && stream === 0;
}
