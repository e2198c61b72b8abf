import type { ResponseBody } from '../capture/call.ts';

type Start = {
  readonly tabId: number;
  readonly method: string;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
};

/** The start of a call, as `chrome.webRequest` reports it. */
export type CallStart = Start & { readonly id: string };

/** A request as the debugger sees it. */
export type SeenRequest = Start & {
  /** The request body as text, where the debugger tells it. */
  readonly postData?: string | undefined;
  /** The response body, once the request has ended; undefined when there is none. */
  readonly body: Promise<ResponseBody | undefined>;
};

/** Starts that wait for each other, in order. At most one side has any that fit. */
type Queue = { readonly calls: CallStart[]; readonly seen: SeenRequest[] };

/** The clocks of two processes tell when a request starts. */
const toleranceMs = 5000;
const maxQueues = 5000;

/**
 * Finds the response bodies of calls. Calls come from `chrome.webRequest`, bodies from the debugger, and the two have no id
 * in common. Both report the starts of requests that are alike (by tab, method and URL) in the same order, though, and both
 * report every start: the first goes with the first.
 */
export class BodyMatcher {
  readonly #queues = new Map<string, Queue>();
  readonly #pairs = new Map<string, SeenRequest>();
  readonly #owners = new Map<SeenRequest, string>();

  /** Takes the start of a call, wanted or not. */
  begin(call: CallStart): void {
    this.#queueOf(call).calls.push(call);
    this.#pairUp(call);
  }

  /** Takes a request that the debugger has seen start. */
  add(request: SeenRequest): void {
    this.#queueOf(request).seen.push(request);
    this.#pairUp(request);
  }

  /** The request of a call; undefined while the debugger has not seen it. */
  find(id: string): SeenRequest | undefined {
    return this.#pairs.get(id);
  }

  /** Forgets a request that has no call, or whose call has ended. */
  remove(request: SeenRequest): void {
    this.#pairs.delete(this.#owners.get(request) ?? '');
    this.#owners.delete(request);
    const queue = this.#queues.get(keyOf(request));
    const at = queue?.seen.indexOf(request) ?? -1;
    if (at >= 0) queue?.seen.splice(at, 1);
  }

  /** Forgets a call that the debugger has not seen. */
  forget(call: CallStart): void {
    const calls = this.#queues.get(keyOf(call))?.calls;
    const at = calls?.findIndex(({ id }) => id === call.id) ?? -1;
    if (at >= 0) calls?.splice(at, 1);
  }

  #queueOf(start: Start): Queue {
    const key = keyOf(start);
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const oldest = this.#queues.size >= maxQueues ? this.#queues.keys().next().value : undefined;
    if (oldest !== undefined) this.#queues.delete(oldest);
    const queue: Queue = { calls: [], seen: [] };
    this.#queues.set(key, queue);
    return queue;
  }

  #pairUp(start: Start): void {
    const { calls, seen } = this.#queueOf(start);
    for (;;) {
      const [call] = calls;
      const [request] = seen;
      if (call === undefined || request === undefined) break;
      const laterBy = request.startedAt - call.startedAt;
      // One of them has no counterpart: the debugger came too late for it, or the network was not asked.
      if (laterBy > toleranceMs) calls.shift();
      else if (laterBy < -toleranceMs) seen.shift();
      else {
        calls.shift();
        seen.shift();
        this.#pairs.set(call.id, request);
        this.#owners.set(request, call.id);
      }
    }
    if (calls.length === 0 && seen.length === 0) this.#queues.delete(keyOf(start));
  }
}

function keyOf({ tabId, method, url }: Start): string {
  return `${tabId} ${method} ${url.replace(/#.*$/s, '')}`;
}
