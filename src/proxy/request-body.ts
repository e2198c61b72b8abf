import { Readable } from 'node:stream';
import type { Observer, Tap } from '../exchange.ts';
import type { ClientRequest } from './answer.ts';
import { pairHeaders } from './headers.ts';
import { watchSilence } from './silence.ts';

/** Whether a request announces a body (RFC 9112 6.3; RFC 9113 8.1: no END_STREAM on its head). */
export function hasBody(request: ClientRequest): boolean {
  if ('stream' in request) return !request.stream.endAfterHeaders;
  const length = request.headers['content-length'];
  return (
    request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
  );
}

/**
 * A client's request body on its way to the upstream: copied to the tap, paused while the upstream
 * or the disk cannot keep up, given up with its connection when the client falls silent. It is a
 * stream of its own, for undici destroys the body it was given when an answer comes early, and
 * destroying the client's request would take the connection with it.
 */
export function requestBody(passage: {
  readonly request: ClientRequest;
  readonly tap: Tap | undefined;
  readonly observer: Observer;
  readonly timeoutMs: number;
}): Readable {
  const { request, tap, observer } = passage;
  const waitsForDisk = () => tap !== undefined && observer.congested;
  const resume = () => {
    if (waitsForDisk()) observer.onceDrained(resume);
    else request.resume();
  };
  const silence = watchSilence(
    passage.timeoutMs,
    () => request.isPaused(),
    () => request.destroy(new Error('the client fell silent in the middle of its request')),
  );
  const body = new Readable({ read: resume, highWaterMark: 65_536 });
  request.on('data', (chunk: Buffer) => {
    silence.heard();
    tap?.requestChunk(chunk);
    // An upstream that has answered early reads no more; the rest is still the client's to send.
    if (body.destroyed) return;
    const wanted = body.push(chunk);
    if (wanted && !waitsForDisk()) return;
    request.pause();
    if (wanted) resume();
  });
  request.once('end', () => {
    const trailers = pairHeaders(request.rawTrailers);
    if (trailers.length > 0) tap?.requestTrailers(trailers);
    if (!body.destroyed) body.push(null);
  });
  // A body that breaks off must not end cleanly upstream.
  request.once('close', () => {
    silence.stop();
    if (!request.readableEnded) body.destroy(new Error('the client broke off its request'));
  });
  body.once('close', () => request.resume());
  body.on('error', () => {});
  return body;
}
