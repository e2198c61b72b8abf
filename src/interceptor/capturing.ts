import type { CallTracker } from './capture/call-tracker.ts';

const urls = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*'];

/** Feeds the events of the browser to a tracker, or stops to. */
export function createCapturing(tracker: CallTracker): (on: boolean) => void {
  const { webRequest } = chrome;
  let isOn = false;
  return (on) => {
    if (on === isOn) return;
    isOn = on;
    if (on) {
      const filter = { urls };
      webRequest.onBeforeRequest.addListener(onBeforeRequest, filter, ['requestBody']);
      webRequest.onSendHeaders.addListener(tracker.sendHeaders, filter, [
        'requestHeaders',
        'extraHeaders',
      ]);
      webRequest.onHeadersReceived.addListener(onHeadersReceived, filter, extra);
      webRequest.onBeforeRedirect.addListener(tracker.beforeRedirect, filter, extra);
      webRequest.onCompleted.addListener(tracker.completed, filter, extra);
      webRequest.onErrorOccurred.addListener(tracker.errorOccurred, filter);
      return;
    }
    webRequest.onBeforeRequest.removeListener(onBeforeRequest);
    webRequest.onSendHeaders.removeListener(tracker.sendHeaders);
    webRequest.onHeadersReceived.removeListener(onHeadersReceived);
    webRequest.onBeforeRedirect.removeListener(tracker.beforeRedirect);
    webRequest.onCompleted.removeListener(tracker.completed);
    webRequest.onErrorOccurred.removeListener(tracker.errorOccurred);
    tracker.clear();
  };

  // Those two may return what is to be changed. Nothing is.
  function onBeforeRequest(event: chrome.webRequest.OnBeforeRequestDetails): undefined {
    tracker.beforeRequest(event);
  }
  function onHeadersReceived(event: chrome.webRequest.OnHeadersReceivedDetails): undefined {
    tracker.headersReceived(event);
  }
}

const extra: ('responseHeaders' | 'extraHeaders')[] = ['responseHeaders', 'extraHeaders'];
