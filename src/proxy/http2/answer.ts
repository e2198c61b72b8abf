import { type ClientHttp2Stream, constants } from 'node:http2';
import { type Header, headerValue } from '../../exchange.ts';
import { pairHeaders } from '../headers.ts';
import type { AnswerHead, AnswerListener } from '../http1/answer-reader.ts';

/** Receives an answer as it arrives. */
export type StreamListener = Pick<AnswerListener, 'onInterim' | 'onData' | 'onEnd'> & {
  /** @param isWhole neither a body nor trailers follow */
  onHead(head: AnswerHead, isWhole: boolean): void;
};

/**
 * Reads the answer on a stream. The data after the head is read once the stream flows; the caller must start it.
 *
 * @param method of the request
 */
export function readAnswer(
  stream: ClientHttp2Stream,
  method: string,
  listener: StreamListener,
): void {
  let trailers: readonly Header[] = [];
  stream.on('headers', (_headers: unknown, _flags: unknown, raw: string[]) => {
    listener.onInterim(headOf(raw));
  });
  stream.once('response', (_headers: unknown, flags: number, raw: string[]) => {
    const head = headOf(raw);
    const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    let missing = isWhole || method === 'HEAD' ? 0 : lengthOf(head);
    // Not earlier: Node would emit a body before its head.
    stream.on('data', (chunk: Buffer) => {
      missing -= chunk.length;
      listener.onData(chunk);
    });
    stream.once('end', () => {
      // Node ends a stream reset with NO_ERROR as if it were complete.
      if (stream.rstCode === 0 && !(missing > 0)) listener.onEnd(trailers);
    });
    listener.onHead(head, isWhole);
  });
  stream.on('trailers', (_headers: unknown, _flags: unknown, raw: string[]) => {
    trailers = pairHeaders(raw);
  });
}

function headOf(raw: readonly string[]): AnswerHead {
  const status = Number(raw[raw.indexOf(':status') + 1]);
  return { httpVersion: '2.0', status, statusText: '', headers: pairHeaders(raw) };
}

/** The body's length according to its head; 0 if not given. */
function lengthOf({ status, headers }: AnswerHead): number {
  return status === 304 ? 0 : Number(headerValue(headers, 'content-length') ?? 0);
}
