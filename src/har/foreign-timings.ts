import type { Timings } from '../exchange.ts';
import type { ReadEntry } from './schema.ts';

type Part = 'blocked' | 'dns' | 'connect' | 'ssl' | 'send' | 'wait' | 'receive';

/** Adds an entry's durations up to times; a negative duration does not apply or is unknown. */
export function timingsOf({ time, timings, response }: ReadEntry): Timings {
  if (typeof timings !== 'object' || timings === null) return { endMs: Math.max(time, 0) };
  const told = (part: Part) => {
    const duration = (timings as Partial<Record<Part, unknown>>)[part];
    return typeof duration === 'number' ? duration : -1;
  };
  const taken = (part: Part) => Math.max(told(part), 0);
  // HAR 1.2: `connect` includes `ssl`. Not in Firefox, where `time` is the sum of all.
  const before = taken('blocked') + taken('dns') + taken('connect');
  const [wait, receive] = [taken('wait'), taken('receive')];
  const isApart = time === before + taken('ssl') + taken('send') + wait + receive;
  const connectedMs = isApart ? before + taken('ssl') : before;
  const sentMs = connectedMs + taken('send');
  return {
    ...(told('connect') >= 0 && { connectedMs }),
    ...(told('send') >= 0 && { sentMs }),
    ...(told('wait') >= 0 && response?.status && { headMs: sentMs + wait }),
    endMs: time >= 0 ? time : sentMs + wait + receive,
  };
}
