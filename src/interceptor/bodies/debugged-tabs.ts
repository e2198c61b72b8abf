/** The tabs whose requests the debugger reports. */
export type DebuggedTabs = {
  /** Starts or stops debugging every tab that shows a site. */
  switch(on: boolean): Promise<void>;
  /** Whether the debugger has seen the start of the requests of a tab at this time, in milliseconds since the epoch. */
  isWatched(tabId: number, startedAt: number): boolean;
};

export type DebuggedTabsOptions = {
  /** Called with an event of a tab. The source also names the frame or worker. */
  readonly onEvent: (source: TabSession, method: string, params: object) => void;
  /** Called when a tab is not debugged any more. */
  readonly onDetached: (tabId: number) => void;
  /** Called when a person ends debugging in the bar that the browser shows. */
  readonly onCancelled: () => void;
};

export type TabSession = chrome.debugger.DebuggerSession & { readonly tabId: number };

const protocolVersion = '1.3';
/** Bodies beyond this are left out by the browser. */
const maxBodyBytes = 16 * 1024 * 1024;

export function createDebuggedTabs(options: DebuggedTabsOptions): DebuggedTabs {
  /** The tabs, and since when they are watched; infinity until the debugger reports their requests. */
  const tabs = new Map<number, number>();
  let on = false;

  const attach = async (tabId: number, url: string | undefined) => {
    if (!on || tabs.has(tabId) || !/^(https?:|about:blank|$)/.test(url ?? '')) return;
    tabs.set(tabId, Number.POSITIVE_INFINITY);
    try {
      await chrome.debugger.attach({ tabId }, protocolVersion);
      await watch({ tabId });
      tabs.set(tabId, Date.now());
    } catch {
      // Pages of the browser itself, and tabs that have been closed, cannot be debugged.
      tabs.delete(tabId);
    }
  };
  const onEvent = (source: chrome.debugger.DebuggerSession, method: string, params?: object) => {
    const { tabId } = source;
    if (tabId === undefined || params === undefined) return;
    if (method === 'Target.attachedToTarget') {
      const { sessionId } = params as { sessionId: string };
      // It may have ended already.
      watch({ tabId, sessionId }).catch(() => {});
    } else options.onEvent({ ...source, tabId }, method, params);
  };
  const onDetach = ({ tabId }: chrome.debugger.Debuggee, reason: string) => {
    if (tabId === undefined) return;
    tabs.delete(tabId);
    options.onDetached(tabId);
    if (reason === 'canceled_by_user' && on) options.onCancelled();
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
        const open = await chrome.tabs.query({});
        await Promise.all(open.map(({ id, url }) => id !== undefined && attach(id, url)));
        return;
      }
      chrome.debugger.onEvent.removeListener(onEvent);
      chrome.debugger.onDetach.removeListener(onDetach);
      chrome.tabs.onCreated.removeListener(onCreated);
      chrome.tabs.onUpdated.removeListener(onUpdated);
      const debugged = [...tabs.keys()];
      tabs.clear();
      await Promise.allSettled(debugged.map((tabId) => chrome.debugger.detach({ tabId })));
      for (const tabId of debugged) options.onDetached(tabId);
    },
    isWatched: (tabId, startedAt) => startedAt >= (tabs.get(tabId) ?? Number.POSITIVE_INFINITY),
  };
}

/** Has a tab, or a frame or worker of it, report its requests. */
async function watch(target: chrome.debugger.DebuggerSession): Promise<void> {
  const limits = { maxTotalBufferSize: 4 * maxBodyBytes, maxResourceBufferSize: maxBodyBytes };
  const flat = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
  await chrome.debugger.sendCommand(target, 'Network.enable', limits);
  await chrome.debugger.sendCommand(target, 'Target.setAutoAttach', flat);
}
