import type { ClientFault, FaultKind } from './client-fault.ts';

/** What a person may want to know about the way to the client. */
export type PushNotice = {
  readonly kind: 'connected' | 'filters' | 'damaged' | Exclude<FaultKind, 'lost'>;
  readonly message: string;
};

/** Says what changes between a proxy and its client, and not again with every attempt. */
export type PushNotices = {
  /** A connection was not made, or is over. */
  fault(fault: ClientFault): void;
  connected(): void;
  /** The connection has held for a while: what comes now is news again. */
  steady(): void;
};

/** Makes an notices for the client at this address. */
export function createPushNotices(url: string, tell: (notice: PushNotice) => void): PushNotices {
  const told = new Set<string>();
  let greeted = false;
  return {
    fault({ kind, message }) {
      // It is dialled again at once; only if that fails is there something to say.
      if (kind === 'lost' || told.has(message)) return;
      told.add(message);
      tell({ kind, message });
    },
    connected() {
      if (greeted) return;
      greeted = true;
      tell({ kind: 'connected', message: `Pushing to the client at ${url}` });
    },
    steady() {
      if (told.size > 0) greeted = false;
      told.clear();
    },
  };
}
