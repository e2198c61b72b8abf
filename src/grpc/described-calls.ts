import type { Exchange, GrpcCall, GrpcMessage, Recording } from '../exchange.ts';
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
 * The same exchange; where it is a gRPC call, what can be read of it goes with it. What a file says of a call stays for
 * the sides whose bytes the file left out, and for those that are read with less now.
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

/** What was read with types before, or of bytes that are gone, is not read again without. */
function completed(found: GrpcCall, earlier: GrpcCall | undefined): GrpcCall {
  if (earlier === undefined) return found;
  const { leftOut = [] } = earlier;
  const sides = [
    ['request', 'client'],
    ['response', 'server'],
  ] as const;
  const messages = sides.flatMap(([side, from]) => {
    const before = earlier.messages.filter((message) => message.from === from);
    const now = found.messages.filter((message) => message.from === from);
    const isLost = leftOut.includes(side) || (isTyped(before) && !isTyped(now));
    return isLost ? before : now;
  });
  if (leftOut.length === 0) return { ...found, messages };
  const { notes: _, ...call } = found;
  const status = found.status ?? earlier.status;
  return {
    ...call,
    ...(status && { status }),
    messages,
    ...(earlier.notes && { notes: earlier.notes }),
    leftOut,
  };
}

function isTyped(messages: readonly GrpcMessage[]): boolean {
  return messages.some(({ type }) => type !== undefined);
}
