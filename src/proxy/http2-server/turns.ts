import type { Http2Session, ServerHttp2Stream } from 'node:http2';

/** How many requests start in one turn of the event loop: each may open TLS to its upstream. */
const startsPerTurn = 8;

/**
 * Starts the requests of HTTP/2 sessions in turns: a few per turn of the event loop, one session
 * after the other. A client that sends hundreds of requests at once does not delay other clients.
 *
 * A request that has been reset when its turn comes is not started: a stream that is opened and
 * reset at once (CVE-2023-44487) does not reach the upstream.
 *
 * @param most how many streams may be active at once, over all sessions; further streams wait
 */
export function takeTurns(most: number): (stream: ServerHttp2Stream, start: () => void) => void {
  const waiting = new Map<Http2Session | undefined, Map<ServerHttp2Stream, () => void>>();
  let active = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting.size === 0 || active >= most) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      for (let i = 0; i < startsPerTurn && active < most; i += 1) startNext();
      schedule();
    });
  }

  function startNext(): void {
    for (const [session, streams] of waiting) {
      for (const [stream, start] of streams) {
        streams.delete(stream);
        // To the end of the queue.
        waiting.delete(session);
        if (streams.size > 0) waiting.set(session, streams);
        active += 1;
        start();
        return;
      }
    }
  }

  return (stream, start) => {
    const { session } = stream;
    const streams = waiting.get(session) ?? new Map<ServerHttp2Stream, () => void>();
    waiting.set(session, streams.set(stream, start));
    stream.once('close', () => {
      const hasStarted = !streams.delete(stream);
      if (hasStarted) {
        active -= 1;
        schedule();
      } else if (streams.size === 0 && waiting.get(session) === streams) waiting.delete(session);
    });
    schedule();
  };
}
