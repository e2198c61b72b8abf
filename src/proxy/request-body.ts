import type { Observer, Tap } from '../exchange.ts';
import { type ClientRequest, resetCodeOf } from './answer.ts';
import type { Clock } from './clock.ts';
import { endToEnd, pairHeaders } from './headers.ts';
import { watchSilence } from './silence.ts';
import type { OpenRequest, RequestFraming } from './upstream-exchange.ts';

/**
 * How a request's body is forwarded (RFC 9112 6.3; RFC 9113 8.1: a stream that ends with its head has none). An
 * HTTP/2 body without a length is sent in chunks over HTTP/1.1.
 */
export function framingOf(request: ClientRequest): RequestFraming {
  const length = request.headers['content-length'];
  if ('stream' in request) {
    if (request.stream.endAfterHeaders) return 'none';
    return length === undefined ? 'chunked' : Number(length);
  }
  if (request.headers['transfer-encoding'] !== undefined) return 'chunked';
  return length === undefined || Number(length) === 0 ? 'none' : Number(length);
}

/**
 * Streams a client's request body to the upstream. The body is copied to the tap, paused while the upstream or the disk
 * cannot keep up, and aborted with its connection when it stalls. An upstream that answers early still gets the rest.
 *
 * @returns a function to call when the upstream can take more
 */
export function forwardBody(
  passage: {
    readonly request: ClientRequest;
    readonly tap: Tap | undefined;
    readonly observer: Observer;
    readonly timeoutMs: number;
    readonly clock: Clock;
  },
  upstream: OpenRequest,
): () => void {
  const { request, tap, observer } = passage;
  let isFull = false;
  const waitsForDisk = () => tap !== undefined && observer.congested;
  const resume = () => {
    if (isFull) return;
    if (waitsForDisk()) observer.onceDrained(resume);
    else request.resume();
  };
  const silence = watchSilence(
    passage.timeoutMs,
    waitsForDisk,
    () => request.destroy(new Error('the request stalled')),
    passage.clock,
  );
  request.on('data', (chunk: Buffer) => {
    silence.heard();
    tap?.requestChunk(chunk);
    isFull = !upstream.write(chunk);
    if (!isFull && !waitsForDisk()) return;
    request.pause();
    resume();
  });
  const ended = () => {
    // Node ends an HTTP/2 stream that was reset with NO_ERROR as if it were complete.
    if ('stream' in request && request.aborted) {
      upstream.abort(resetCodeOf(request));
      return;
    }
    const trailers = pairHeaders(request.rawTrailers);
    if (trailers.length > 0) tap?.requestTrailers(trailers);
    upstream.end(endToEnd(trailers));
  };
  // Node reads an empty body over HTTP/2 to its end at once. The head is sent first.
  if (request.readableEnded) process.nextTick(ended);
  else request.once('end', ended);
  // A body that breaks off must not end cleanly upstream.
  request.once('close', () => {
    silence.stop();
    if (!request.readableEnded) upstream.abort(resetCodeOf(request));
  });
  return () => {
    isFull = false;
    silence.heard();
    resume();
  };
}
