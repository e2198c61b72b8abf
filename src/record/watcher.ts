import type {
  Ending,
  Exchange,
  Observer,
  Outcome,
  RequestHead,
  ResponseHead,
} from '../exchange.ts';

export type WatcherCounts = { readonly passed: number; readonly rewritten: number };

/** Observes traffic without recording it. */
export type Watcher = Observer & { readonly counts: WatcherCounts };

/**
 * Counts requests, and reports each exchange with rewritten headers when it ends.
 *
 * @param onRewritten called with such an exchange, whose bodies have a size and no bytes; optional
 */
export function createWatcher(onRewritten?: (exchange: Exchange) => void): Watcher {
  const counts = { passed: 0, rewritten: 0 };
  const open = new Set<() => void>();
  return {
    counts,
    congested: false,
    onceDrained: (resume) => resume(),
    begin(head) {
      counts.passed += 1;
      if (head.rewritten === undefined) return undefined;
      counts.rewritten += 1;
      if (onRewritten === undefined) return undefined;
      const seq = counts.passed;
      let response: ResponseHead | undefined;
      let bytes = 0;
      const startedAt = performance.now();
      const over = (ending: Ending | { readonly kind: 'unfinished' }) => {
        if (!open.delete(stop)) return;
        const endMs = performance.now() - startedAt;
        onRewritten(watched(seq, head, outcome(ending, response, bytes), endMs));
      };
      const stop = () => over({ kind: 'unfinished' });
      open.add(stop);
      return {
        ...unheard,
        response: (answer) => {
          response = answer;
        },
        responseChunk: (chunk) => {
          bytes += chunk.length;
        },
        end: over,
      };
    },
    stop() {
      for (const stop of open) stop();
    },
  };
}

const unheard = {
  requestChunk: () => {},
  requestTrailers: () => {},
  connected: () => {},
  requestSent: () => {},
  informational: () => {},
  responseTrailers: () => {},
  webSocketMessage: () => {},
  webSocketUnreadable: () => {},
};

function watched(seq: number, head: RequestHead, outcome: Outcome, endMs: number): Exchange {
  const { method, url, httpVersion, headers, startedAt, client, rewritten } = head;
  return {
    id: `${startedAt.toString(36)}-${seq}`,
    seq,
    startedAt,
    request: { method, url, httpVersion, headers },
    outcome,
    timings: { endMs },
    connection: { ...(client !== undefined && { client }) },
    ...(rewritten && { rewritten }),
  };
}

function outcome(
  ending: Ending | { readonly kind: 'unfinished' },
  head: ResponseHead | undefined,
  size: number,
): Outcome {
  const body = { size, encoding: [], cut: true as const, bytes: async () => new Uint8Array() };
  const response = head && { ...head, ...(size > 0 && { body }) };
  if (ending.kind === 'completed') return { ...ending, ...(response && { response }) };
  return { ...ending, ...(response && { partial: response }) };
}
