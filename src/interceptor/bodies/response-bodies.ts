import { type Call, type CallBodies, callId, type ResponseBody } from '../capture/call.ts';
import type { BeforeRequest } from '../capture/web-request.ts';
import { BodyMatcher, type SeenRequest } from './body-matcher.ts';

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

const protocolVersion = '1.3';
/** Bodies beyond this are left out by the browser. */
const maxBodyBytes = 16 * 1024 * 1024;
/** The debugger reports a moment later than `chrome.webRequest` that a request has begun, or that it has ended. */
const waitMs = 2000;

/** @param onCancelled called when a person ends debugging in the bar that the browser shows */
export function createResponseBodies(onCancelled: () => void): ResponseBodies {
  const matcher = new BodyMatcher();
  /** The tabs that are debugged, and since when; infinity until the debugger reports requests. */
  const attached = new Map<number, number>();
  /** Requests that have not ended, by tab and the debugger's own id. */
  const pending = new Map<string, Pending>();
  /** Called when the debugger has seen another request. */
  const waiting = new Set<() => void>();
  let on = false;

  const attach = async (tabId: number, url: string | undefined) => {
    if (!on || attached.has(tabId) || !/^(https?:|about:blank|$)/.test(url ?? '')) return;
    attached.set(tabId, Number.POSITIVE_INFINITY);
    try {
      await chrome.debugger.attach({ tabId }, protocolVersion);
      await watch({ tabId });
      attached.set(tabId, Date.now());
    } catch {
      // Pages of the browser itself, and tabs that have been closed, cannot be debugged.
      attached.delete(tabId);
    }
  };
  // Of a request that began before, only one side has seen the start.
  const isWatched = (tabId: number, startedAt: number) =>
    startedAt >= (attached.get(tabId) ?? Number.POSITIVE_INFINITY);
  const onEvent = (source: chrome.debugger.DebuggerSession, method: string, params?: object) => {
    const { tabId } = source;
    if (tabId === undefined) return;
    if (method === 'Target.attachedToTarget') {
      const { sessionId } = params as { sessionId: string };
      watch({ tabId, sessionId }).catch(() => {});
      return;
    }
    const { requestId } = params as { requestId: string };
    const key = `${tabId} ${requestId}`;
    if (method === 'Network.requestWillBeSent') begin(tabId, key, params as RequestWillBeSent);
    else if (method === 'Network.loadingFinished') void finish(source, key, requestId);
    else if (method === 'Network.loadingFailed') end(key);
    else if (isLocal(method, params)) leave(key);
  };
  const begin = (tabId: number, key: string, { request, wallTime }: RequestWillBeSent) => {
    // After a redirect, the request begins again with the same id. A redirect has no body.
    end(key);
    let settle: Pending['settle'] = () => {};
    const body = new Promise<ResponseBody | undefined>((resolve) => {
      settle = resolve;
    });
    if (!isWatched(tabId, wallTime * 1000)) return;
    const { method, url, postData } = request;
    const seen = { tabId, method, url, startedAt: wallTime * 1000, postData, body };
    pending.set(key, { request: seen, settle });
    matcher.add(seen);
    for (const look of waiting) look();
  };
  const finish = async (
    source: chrome.debugger.DebuggerSession,
    key: string,
    requestId: string,
  ) => {
    const command = 'Network.getResponseBody';
    const body = await chrome.debugger
      .sendCommand(source, command, { requestId })
      // Redirects and responses without a body have none, and large ones are not kept.
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
  const onDetach = ({ tabId }: chrome.debugger.Debuggee, reason: string) => {
    if (tabId === undefined) return;
    attached.delete(tabId);
    for (const [key, { settle }] of pending) if (key.startsWith(`${tabId} `)) settle();
    if (reason === 'canceled_by_user' && on) onCancelled();
  };
  const onCreated = ({ id, pendingUrl, url }: chrome.tabs.Tab) => {
    if (id !== undefined) void attach(id, pendingUrl ?? url);
  };
  const onUpdated = (tabId: number, _: unknown, { url }: chrome.tabs.Tab) =>
    void attach(tabId, url);

  return {
    async switch(wanted) {
      if (wanted === on) return;
      on = wanted;
      if (on) {
        chrome.debugger.onEvent.addListener(onEvent);
        chrome.debugger.onDetach.addListener(onDetach);
        chrome.tabs.onCreated.addListener(onCreated);
        chrome.tabs.onUpdated.addListener(onUpdated);
        const tabs = await chrome.tabs.query({});
        await Promise.all(tabs.map(({ id, url }) => id !== undefined && attach(id, url)));
        return;
      }
      chrome.debugger.onEvent.removeListener(onEvent);
      chrome.debugger.onDetach.removeListener(onDetach);
      chrome.tabs.onCreated.removeListener(onCreated);
      chrome.tabs.onUpdated.removeListener(onUpdated);
      for (const { settle } of pending.values()) settle();
      pending.clear();
      const tabs = [...attached.keys()];
      attached.clear();
      await Promise.allSettled(tabs.map((tabId) => chrome.debugger.detach({ tabId })));
    },
    begin(request) {
      if (!isWatched(request.tabId, request.timeStamp)) return;
      const { tabId, method, url, timeStamp } = request;
      matcher.begin({ id: callId(request), tabId, method, url, startedAt: timeStamp });
      for (const look of waiting) look();
    },
    async bodiesOf(call) {
      if (!isWatched(call.tabId, call.startedAt)) return {};
      let timer: ReturnType<typeof setTimeout> | undefined;
      let look = () => {};
      const seen = new Promise<SeenRequest>((resolve) => {
        look = () => {
          const request = matcher.find(call.id);
          if (request === undefined) return;
          waiting.delete(look);
          resolve(request);
        };
        waiting.add(look);
        look();
      });
      const tooLate = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, waitMs, undefined);
      });
      try {
        const request = await Promise.race([seen, tooLate]);
        if (request === undefined) {
          matcher.forget(call);
          return {};
        }
        const response = await Promise.race([request.body, tooLate]);
        return { response, postData: request.postData };
      } finally {
        clearTimeout(timer);
        waiting.delete(look);
      }
    },
  };
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
function isLocal(method: string, params: object | undefined): boolean {
  if (method === 'Network.requestServedFromCache') return true;
  if (method !== 'Network.responseReceived') return false;
  return (
    (params as { response: { fromServiceWorker?: boolean } }).response.fromServiceWorker === true
  );
}

/** Has a tab, or a frame or worker of it, report its requests. */
async function watch(target: chrome.debugger.DebuggerSession): Promise<void> {
  const limits = { maxTotalBufferSize: 4 * maxBodyBytes, maxResourceBufferSize: maxBodyBytes };
  const flat = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
  await chrome.debugger.sendCommand(target, 'Network.enable', limits);
  await chrome.debugger.sendCommand(target, 'Target.setAutoAttach', flat);
}
