import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type PopupCommand, type PopupState, popupPort } from '../popup-messages.ts';

/** The state of the worker, undefined before it has sent one, and a function that sends it a command. */
export function useWorker(): [PopupState | undefined, (command: PopupCommand) => void] {
  const port = useRef<chrome.runtime.Port | undefined>(undefined);
  const [state, setState] = useState<PopupState | undefined>(undefined);
  useLayoutEffect(() => {
    const connect = () => {
      const opened = chrome.runtime.connect({ name: popupPort });
      // In the same turn: a message without a listener is lost.
      opened.onMessage.addListener((sent: PopupState) => setState(sent));
      // Chromium has ended the worker. Connecting starts it again.
      opened.onDisconnect.addListener(connect);
      port.current = opened;
    };
    connect();
  }, []);
  return [state, (command) => port.current?.postMessage(command)];
}
