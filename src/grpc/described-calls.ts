import type { Exchange, GrpcCall, GrpcMessage, Recording } from '../exchange.ts';
import type { TypeSource } from './message-types.ts';
import { isCall } from './protocol.ts';

/** Returns the recording with its gRPC calls decoded. */
export function withCalls(recording: Recording, source?: TypeSource): Recording {
  return {
    ...recording,
    async *read(places) {
      for await (const exchange of recording.read(places)) yield await withCall(exchange, source);
    },
  };
}

/**
 * Returns the exchange; a gRPC call is returned with its decoded parts. A call stored in a file is kept for sides whose
 * bytes the file omits, and for sides that would be decoded with fewer types now.
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

/** Most recordings contain no call and do not need the decoder. */
async function read(exchange: Exchange, source: TypeSource | undefined): Promise<GrpcCall> {
  const { readCall } = await import('./call.ts');
  return readCall(exchange, source);
}

/** A side decoded with types, or from bytes now missing, is not decoded again without them. */
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
    return isLost ? before : timed(now, before);
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

/** The bytes in a file have no times, but the call that was read before may have them. */
function timed(now: readonly GrpcMessage[], before: readonly GrpcMessage[]): GrpcMessage[] {
  return now.map((message, place) => {
    const at = message.at ?? before[place]?.at;
    if (at === undefined) return message;
    const { from, ...content } = message;
    return { from, at, ...content };
  });
}

function isTyped(messages: readonly GrpcMessage[]): boolean {
  return messages.some(({ type }) => type !== undefined);
}
