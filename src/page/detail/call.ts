import type { HarEntry } from '../../sync/wire/page-events.ts';
import { type GivenPart, type ShownPart, shownPart } from '../streams/part.ts';
import { bytesOf } from './body.ts';

/** Whether an entry is a gRPC call whose messages were read. */
export function hasCall({ _grpc: call }: HarEntry): boolean {
  return Array.isArray(call?.messages);
}

/** The messages of both sides. Where a time is not known, those of the client come first. */
export function messageParts(call: HarEntry['_grpc']): ShownPart[] {
  const parts = (call?.messages ?? []).map(({ from, at, type, json, base64 }): GivenPart => {
    const text = json === undefined ? undefined : JSON.stringify(json, null, 2);
    return {
      direction: from === 'client' ? 'sent' : 'received',
      size: text === undefined ? bytesIn(base64) : new TextEncoder().encode(text).length,
      frame: {
        ...(type !== undefined && { type }),
        ...(text === undefined ? { base64: base64 ?? '' } : { json: text }),
      },
      ...(at !== undefined && { time: at }),
    };
  });
  const shown = parts.map((part) => shownPart(part, () => ''));
  return shown.every(({ at }) => at !== undefined)
    ? shown.sort((one, other) => (one.at ?? 0) - (other.at ?? 0))
    : shown;
}

function bytesIn(base64 = ''): number {
  return bytesOf({ text: base64, base64: true }).length;
}
