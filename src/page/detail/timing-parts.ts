import type { HarEntry } from '../../sync/wire/page-events.ts';

/** A phase of an exchange. */
export type TimingPart = {
  readonly id: 'blocked' | 'dns' | 'connect' | 'send' | 'wait' | 'receive';
  readonly name: string;
  /** Milliseconds from the start. */
  readonly from: number;
  readonly length: number;
};

const PARTS = [
  ['blocked', 'Waiting to be sent'],
  ['dns', 'Looking up the host'],
  ['connect', 'Connecting'],
  ['send', 'Sending the request'],
  ['wait', 'Waiting for the answer'],
  ['receive', 'Receiving the answer'],
] as const;

/** The phases in order, without those that did not happen. HAR includes `ssl` in `connect`, so `ssl` is not here. */
export function timingParts({ timings }: Pick<HarEntry, 'timings'>): TimingPart[] {
  let from = 0;
  return PARTS.flatMap(([id, name]) => {
    const length = timings[id] ?? -1;
    if (length < 0) return [];
    const part = { id, name, from, length };
    from += length;
    return [part];
  });
}
