import type { Exchange, GrpcCall, Recording } from '../exchange.ts';
import type { TypeSource } from './message-types.ts';
import { isCall } from './protocol.ts';

/** The same recording, whose gRPC calls can be read as such. */
export function withCalls(recording: Recording, source?: TypeSource): Recording {
  return {
    ...recording,
    async *read(places) {
      for await (const exchange of recording.read(places)) yield await withCall(exchange, source);
    },
  };
}

/**
 * The same exchange; where it is a gRPC call, what can be read of it goes with it. What a file says of a call stays only
 * for the sides whose bytes the file left out.
 */
export async function withCall(exchange: Exchange, source?: TypeSource): Promise<Exchange> {
  if (!isCall(exchange)) return exchange;
  const earlier = await exchange.grpc?.call();
  let call: Promise<GrpcCall> | undefined;
  return {
    ...exchange,
    grpc: {
      call() {
        call ??= read(exchange, source).then((found) => completed(found, earlier));
        return call;
      },
    },
  };
}

/** Most recordings hold no call, and need nothing of what reads one. */
async function read(exchange: Exchange, source: TypeSource | undefined): Promise<GrpcCall> {
  const { readCall } = await import('./call.ts');
  return readCall(exchange, source);
}

function completed(read: GrpcCall, earlier: GrpcCall | undefined): GrpcCall {
  const leftOut = earlier?.leftOut ?? [];
  if (earlier === undefined || leftOut.length === 0) return read;
  const sides = [
    ['request', 'client'],
    ['response', 'server'],
  ] as const;
  const { notes: _, ...call } = read;
  const status = read.status ?? earlier.status;
  return {
    ...call,
    ...(status && { status }),
    messages: sides.flatMap(([side, from]) =>
      (leftOut.includes(side) ? earlier : read).messages.filter((one) => one.from === from),
    ),
    ...(earlier.notes && { notes: earlier.notes }),
    leftOut,
  };
}
