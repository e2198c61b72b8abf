import type { HubEvent, PageCommand } from '../../sync/wire/page-events.ts';
import { type Observable, observable } from '../observable.ts';
import { backOffMs } from './back-off.ts';

/** The state of the page's connection. */
export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online' }
  /** `until`: the time of the next attempt, in milliseconds since the epoch. */
  | { readonly kind: 'waiting'; readonly until: number }
  /** pmproxy is running and refuses this page. */
  | { readonly kind: 'refused'; readonly until: number };

/** A connection that reconnects by itself. */
export type Link = {
  readonly state: Observable<LinkState>;
  /** Sends a command; false when there is no connection. */
  send(command: PageCommand): boolean;
  /** Reconnects now. */
  retry(): void;
};

/**
 * Connects to the client that served this page, and reconnects when necessary.
 * @param start the first message.
 */
export function openLink(start: () => PageCommand, receive: (event: HubEvent) => void): Link {
  const state = observable<LinkState>({ kind: 'connecting' });
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const connect = () => {
    clearTimeout(timer);
    state.set({ kind: 'connecting' });
    socket = new WebSocket(eventsUrl());
    socket.onopen = () => {
      failures = 0;
      socket?.send(JSON.stringify(start()));
      state.set({ kind: 'online' });
    };
    socket.onmessage = ({ data }) => receive(JSON.parse(data) as HubEvent);
    socket.onclose = () => void wait();
  };
  const wait = async () => {
    socket = undefined;
    failures += 1;
    // Finding out why may take a while.
    state.set({ kind: 'connecting' });
    const kind = (await isRefused()) ? 'refused' : 'waiting';
    const delay = backOffMs(failures, Math.random());
    state.set({ kind, until: Date.now() + delay });
    timer = setTimeout(connect, delay);
  };
  const retry = () => {
    const { kind } = state.get();
    if (kind === 'waiting' || kind === 'refused') connect();
  };

  connect();
  addEventListener('online', retry);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) retry();
  });
  return {
    state,
    retry,
    send(command) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(command));
      return true;
    },
  };
}

function eventsUrl(): string {
  const url = new URL('events', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.search = '';
  url.hash = '';
  return url.href;
}

const ANSWERS_WITHIN_MS = 5000;

// A browser does not say why a WebSocket did not open.
async function isRefused(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    const { status } = await fetch('.', { method: 'HEAD', cache: 'no-store', signal });
    return status === 401 || status === 403;
  } catch {
    return false;
  }
}
