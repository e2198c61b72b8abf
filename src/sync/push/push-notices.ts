import type { ClientFault, FaultKind } from './client-fault.ts';

/** A change in the connection to the client that the log should show. */
export type PushNotice = {
  readonly kind: 'connected' | 'filters' | 'damaged' | Exclude<FaultKind, 'lost'>;
  readonly message: string;
};

/** Reports changes in the connection to the client once, not with every attempt. */
export type PushNotices = {
  /** A connection could not be made, or has ended. */
  fault(fault: ClientFault): void;
  connected(): void;
  /** The connection is established, so later changes are reported again. */
  steady(): void;
};

/** Creates the notices about the client at this address. */
export function createPushNotices(url: string, tell: (notice: PushNotice) => void): PushNotices {
  const told = new Set<string>();
  let greeted = false;
  return {
    fault({ kind, message }) {
      // A lost connection is retried at once. Only if that fails is there something to report.
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
