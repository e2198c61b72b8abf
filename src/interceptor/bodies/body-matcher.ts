import type { Call, ResponseBody } from '../capture/call.ts';

/** A request as the debugger sees it. */
export type SeenRequest = {
  readonly tabId: number;
  readonly method: string;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The request body as text, where the debugger tells it. */
  readonly postData?: string | undefined;
  /** The response body, once the request has ended; undefined when there is none. */
  readonly body: Promise<ResponseBody | undefined>;
};

/** `chrome.webRequest` and the debugger tell the start of a request by the clocks of two processes. */
const toleranceMs = 2000;
const maxSeen = 2000;

/**
 * Finds the response bodies of calls. Calls come from `chrome.webRequest`, bodies from the debugger, and the two have no id
 * in common. They are matched by tab, method and URL. Of several requests that are alike, each call gets the one that
 * started at the time nearest to its own start. A request is matched once.
 */
export class BodyMatcher {
  readonly #seen = new Set<SeenRequest>();

  /** Takes a request that the debugger has seen begin. */
  add(request: SeenRequest): void {
    const oldest = this.#seen.size >= maxSeen ? this.#seen.values().next().value : undefined;
    if (oldest !== undefined) this.#seen.delete(oldest);
    this.#seen.add(request);
  }

  /** Forgets a request that can have no call any more. */
  remove(request: SeenRequest): void {
    this.#seen.delete(request);
  }

  /** Takes out the request of a call; undefined when the debugger has not seen it. */
  take({ tabId, method, url, startedAt }: Call): SeenRequest | undefined {
    let nearest: SeenRequest | undefined;
    const distance = (request: SeenRequest) => Math.abs(request.startedAt - startedAt);
    for (const request of this.#seen) {
      if (request.tabId !== tabId || request.method !== method) continue;
      if (withoutFragment(request.url) !== withoutFragment(url)) continue;
      if (distance(request) > toleranceMs) continue;
      if (nearest === undefined || distance(request) < distance(nearest)) nearest = request;
    }
    if (nearest !== undefined) this.#seen.delete(nearest);
    return nearest;
  }
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '');
}
