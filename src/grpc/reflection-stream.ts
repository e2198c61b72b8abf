import { type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import { percentDecoded } from './protocol.ts';

export type ReflectionTls = SecureContextOptions & {
  readonly secureContext?: SecureContext;
  readonly rejectUnauthorized?: boolean;
};

/** A stream with one response message for each request message. */
export type ReflectionStream = {
  /** @throws Error if the server refuses, sends too much or anything but gRPC, or takes too long */
  ask(message: Uint8Array): Promise<Uint8Array>;
  close(): void;
};

/** The call ended with this status instead of a response. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const HEAD_BYTES = 5;

/**
 * Opens a bidirectional gRPC stream over HTTP/2, with prior knowledge if the origin is `http:`.
 *
 * @param path `/grpc.reflection.v1.ServerReflection/ServerReflectionInfo`
 * @param limits the maximum total time of the stream, and the maximum number of bytes received
 */
export function openReflection(
  origin: string,
  path: string,
  tls: ReflectionTls,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
): ReflectionStream {
  const session = connect(origin, { ...tls });
  const chunks: Buffer[] = [];
  let size = 0;
  let total = 0;
  let waiting: { resolve(message: Uint8Array): void; reject(error: Error): void } | undefined;
  let broken: Error | undefined;

  const fail = (error: Error) => {
    broken ??= error;
    waiting?.reject(broken);
    waiting = undefined;
    session.destroy();
  };
  const timer = setTimeout(
    () => fail(new Error(`no answer within ${limits.timeoutMs} ms`)),
    limits.timeoutMs,
  );
  session.on('error', (error) => fail(error));
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', (error) => fail(error));
  const look = (headers: IncomingHttpHeaders) => {
    const refusal = refusedBy(headers);
    if (refusal !== undefined) fail(refusal);
  };
  stream.on('response', look);
  stream.on('trailers', look);
  stream.on('close', () => fail(new Error('the server ended the stream')));
  stream.on('data', (chunk: Buffer) => {
    total += chunk.length;
    if (total > limits.maxBytes) {
      fail(new Error(`more than ${limits.maxBytes} bytes came`));
      return;
    }
    chunks.push(chunk);
    size += chunk.length;
    deliver();
  });

  function deliver(): void {
    if (waiting === undefined || size < HEAD_BYTES) return;
    const held = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    chunks.splice(0, chunks.length, held);
    const end = HEAD_BYTES + held.readUInt32BE(1);
    if (end > limits.maxBytes) fail(new Error(`a message of ${end} bytes is announced`));
    else if (held[0] !== 0) fail(new Error('the answer is compressed, which was not requested'));
    else if (held.length >= end) {
      chunks.splice(0, 1, held.subarray(end));
      size = held.length - end;
      const { resolve } = waiting;
      waiting = undefined;
      resolve(held.subarray(HEAD_BYTES, end));
    }
  }

  return {
    ask(message) {
      if (broken) return Promise.reject(broken);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        send(stream, message);
        deliver();
      });
    },
    close() {
      clearTimeout(timer);
      session.destroy();
    },
  };
}

function send(stream: ClientHttp2Stream, message: Uint8Array): void {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  stream.write(Buffer.concat([head, message]));
}

function refusedBy(headers: IncomingHttpHeaders): Error | undefined {
  const http = headers[constants.HTTP2_HEADER_STATUS];
  if (http !== undefined && String(http) !== '200') return new Error(`HTTP status ${http}`);
  const status = headers['grpc-status'];
  if (status === undefined || status === '0') return undefined;
  const message = percentDecoded(String(headers['grpc-message'] ?? '')).slice(0, 200);
  return new RefusedError(Number(status), message || `status ${status}`);
}
