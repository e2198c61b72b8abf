import { startInterceptor } from './interceptor.ts';
import { type PopupCommand, popupPort } from './popup-messages.ts';

/*
 * The service worker. Chromium ends it after 30 s without an event, and starts it again for the next one. While requests
 * are captured it is kept alive, so that no request is lost that takes longer.
 */

const starting = startInterceptor();

chrome.runtime.onConnect.addListener((port) => {
  if (port.name !== popupPort) return;
  const stopped = starting.then((interceptor) =>
    interceptor.subscribe((state) => port.postMessage(state)),
  );
  port.onMessage.addListener((command: PopupCommand) => {
    void starting.then((interceptor) => interceptor.run(command));
  });
  port.onDisconnect.addListener(() => void stopped.then((stop) => stop()));
});

// A listener is all it takes to be started with the browser.
chrome.runtime.onStartup.addListener(() => {});
chrome.runtime.onInstalled.addListener(() => {});
