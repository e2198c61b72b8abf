import type { Exchange, Header } from '../../src/exchange.ts';
import { exchange } from './exchanges.ts';

/** A message behind its prefix of flags and length. */
export function framed(message: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

type CallParts = {
  readonly path?: string;
  readonly contentType?: string;
  readonly request?: Uint8Array;
  readonly response?: Uint8Array;
  readonly requestHeaders?: readonly Header[];
  readonly responseHeaders?: readonly Header[];
  readonly responseType?: string;
  readonly status?: number;
  /** The trailers of the answer; `grpc-status: 0` unless told. */
  readonly trailers?: readonly Header[];
};

/** A gRPC call as it is recorded. */
export function grpcExchange(parts: CallParts = {}): Exchange {
  const contentType = parts.contentType ?? 'application/grpc';
  const made = exchange({
    method: 'POST',
    url: `http://api.test${parts.path ?? '/demo.v1.Things/Get'}`,
    httpVersion: '2.0',
    headers: [['content-type', contentType], ...(parts.requestHeaders ?? [])],
    body: parts.request ?? framed(Buffer.alloc(0)),
    response: {
      status: parts.status ?? 200,
      headers: [
        ['content-type', parts.responseType ?? contentType],
        ...(parts.responseHeaders ?? []),
      ],
      ...(parts.response && { body: parts.response }),
    },
  });
  const { outcome } = made;
  if (outcome.kind !== 'completed' || outcome.response === undefined) return made;
  const trailers = parts.trailers ?? [['grpc-status', '0']];
  return { ...made, outcome: { ...outcome, response: { ...outcome.response, trailers } } };
}
