import { type Call, type CallBodies, callId, type ResponseBody } from '../capture/call.ts';
import type { BeforeRequest } from '../capture/web-request.ts';
import { BodyMatcher, type SeenRequest } from './body-matcher.ts';
import { createDebuggedTabs, type TabSession } from './debugged-tabs.ts';

/** Reads response bodies through `chrome.debugger`. */
export type ResponseBodies = {
  /** Starts or stops reading the tabs. */
  switch(on: boolean): Promise<void>;
  /** Takes the start of every request of `chrome.webRequest`. */
  begin(request: BeforeRequest): void;
  /** Waits for the bodies of a call. Those that cannot be read are missing. */
  bodiesOf(call: Call): Promise<CallBodies>;
};

type Pending = { readonly request: SeenRequest; readonly settle: (body?: ResponseBody) => void };

/** The debugger reports a moment later than `chrome.webRequest` that a request has begun, or that it has ended. */
const waitMs = 2000;

/** @param onCancelled called when a person ends debugging in the bar that the browser shows */
export function createResponseBodies(onCancelled: () => void): ResponseBodies {
  const matcher = new BodyMatcher();
  /** Requests that have not ended, by tab and the debugger's own id. */
  const pending = new Map<string, Pending>();
  /** Called when another start was reported. */
  const waiting = new Set<() => void>();
  const tabs = createDebuggedTabs({
    onCancelled,
    onDetached(tabId) {
      for (const key of pending.keys()) if (key.startsWith(`${tabId} `)) end(key);
    },
    onEvent(source, method, params) {
      const { requestId } = params as { requestId: string };
      const key = `${source.tabId} ${requestId}`;
      if (method === 'Network.requestWillBeSent') add(source, key, params as RequestWillBeSent);
      else if (method === 'Network.loadingFinished') void finish(source, key, requestId);
      else if (method === 'Network.loadingFailed') end(key);
      else if (isLocal(method, params)) leave(key);
    },
  });

  const add = ({ tabId }: TabSession, key: string, { request, wallTime }: RequestWillBeSent) => {
    // After a redirect, the request begins again with the same id. A redirect has no body.
    end(key);
    const startedAt = wallTime * 1000;
    if (!tabs.isWatched(tabId, startedAt)) return;
    const { method, url, postData } = request;
    let settle: Pending['settle'] = () => {};
    const body = new Promise<ResponseBody | undefined>((resolve) => {
      settle = resolve;
    });
    const seen = { tabId, method, url, startedAt, postData, body };
    pending.set(key, { request: seen, settle });
    matcher.add(seen);
    for (const look of waiting) look();
  };
  const finish = async (source: TabSession, key: string, requestId: string) => {
    const body = await chrome.debugger
      .sendCommand(source, 'Network.getResponseBody', { requestId })
      // A response without a body has none, and a large one is not kept.
      .catch(() => undefined);
    end(key, body as ResponseBody | undefined);
  };
  const end = (key: string, body?: ResponseBody) => {
    const ended = pending.get(key);
    if (ended === undefined) return;
    pending.delete(key);
    ended.settle(body);
    // The call may have been filtered out. Its body must not stay in memory.
    setTimeout(() => matcher.remove(ended.request), 2 * waitMs);
  };
  // `chrome.webRequest` does not report these.
  const leave = (key: string) => {
    const left = pending.get(key);
    if (left !== undefined) matcher.remove(left.request);
    pending.delete(key);
  };
  /** Waits until the debugger has seen the start of a call. */
  const seen = (call: Call, given: AbortSignal) =>
    new Promise<SeenRequest | undefined>((resolve) => {
      const look = () => {
        const request = matcher.find(call.id);
        if (request === undefined && !given.aborted) return;
        waiting.delete(look);
        resolve(request);
      };
      waiting.add(look);
      given.addEventListener('abort', look);
      look();
    });

  return {
    switch: tabs.switch,
    begin(request) {
      const { tabId, method, url, timeStamp: startedAt } = request;
      if (!tabs.isWatched(tabId, startedAt)) return;
      matcher.begin({ id: callId(request), tabId, method, url, startedAt });
      for (const look of waiting) look();
    },
    async bodiesOf(call) {
      if (call.id === '' || !tabs.isWatched(call.tabId, call.startedAt)) return {};
      const tooLate = AbortSignal.timeout(waitMs);
      const request = await seen(call, tooLate);
      if (request === undefined) {
        matcher.forget(call);
        return {};
      }
      const response = await Promise.race([request.body, aborted(tooLate)]);
      return { response, postData: request.postData };
    },
  };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined));
  });
}

/** https://chromedevtools.github.io/devtools-protocol/tot/Network/#event-requestWillBeSent */
type RequestWillBeSent = {
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly postData?: string;
  };
  /** Seconds since the epoch. */
  readonly wallTime: number;
};

/** Whether an event says that the memory of the tab or a service worker answered, and not the network. */
function isLocal(method: string, params: object): boolean {
  if (method === 'Network.requestServedFromCache') return true;
  if (method !== 'Network.responseReceived') return false;
  const { response } = params as { response: { fromServiceWorker?: boolean } };
  return response.fromServiceWorker === true;
}
