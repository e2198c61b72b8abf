import { createResponseBodies } from './bodies/response-bodies.ts';
import type { Call } from './capture/call.ts';
import { createCallTracker } from './capture/call-tracker.ts';
import { entryOf } from './capture/entry.ts';
import { compileFilter, isClient } from './capture/filter.ts';
import { createCapturing } from './capturing.ts';
import { pair, unpair } from './client-api.ts';
import { Link } from './link.ts';
import type { PopupCommand, PopupState } from './popup-messages.ts';
import { Outbox } from './push/outbox.ts';
import { compilePushFilter } from './push/push-filter.ts';
import type { Client, Settings } from './settings.ts';
import { browserName, loadRun, loadSaved, save, sessionStore } from './storage.ts';

/** Held entries: `chrome.storage.session` takes 10 MB. */
const limits = { entries: 5000, characters: 6 * 1024 * 1024 };
/** A call of an API keeps the worker alive for another 30 s. */
const keepAliveMs = 20_000;

/** The extension at work. */
export type Interceptor = {
  run(command: PopupCommand): Promise<void>;
  /** Calls back with the state, now and when it has changed. Returns a function that ends this. */
  subscribe(listener: (state: PopupState) => void): () => void;
};

/** Goes on where the worker was ended. */
export async function startInterceptor(): Promise<Interceptor> {
  const [saved, run] = await Promise.all([loadSaved(), loadRun()]);
  let { settings, client } = saved;
  let { captured } = run;
  let notice: string | undefined;
  let isWanted = compileFilter(settings.filter);
  let isPushed = compilePushFilter({});
  let keepingAlive: ReturnType<typeof setInterval> | undefined;
  const listeners = new Set<(state: PopupState) => void>();
  const outbox = await Outbox.open(
    sessionStore(() => captured),
    limits,
  );
  const bodies = createResponseBodies(() => void change({ ...settings, bodies: false }));
  const link = new Link({
    outbox,
    session: run.session,
    onChange: () => tell(),
    onFilters(filters) {
      try {
        isPushed = compilePushFilter(filters);
      } catch (error) {
        isPushed = compilePushFilter({});
        notice = `The filters of the client are not used. ${reasonOf(error)}`;
      }
    },
  });
  const tracker = createCallTracker(
    (request) => {
      bodies.begin(request);
      return isWanted(request) && !(client && isClient(request.url, client.port));
    },
    (call) => void take(call),
  );
  const capturing = createCapturing(tracker);

  const take = async (call: Call) => {
    const entry = entryOf(call, settings.bodies ? await bodies.bodiesOf(call) : {});
    if (!isPushed(entry)) return;
    captured += 1;
    outbox.add(entry);
    link.sendNext();
    tell();
  };
  const state = (): PopupState => ({
    settings,
    port: client?.port,
    link: link.state,
    captured,
    held: outbox.size,
    dropped: outbox.dropped,
    notice,
  });
  const tell = () => {
    for (const listener of listeners) listener(state());
    void showBadge(settings.on && client !== undefined, captured);
  };
  const apply = async () => {
    const on = settings.on && client !== undefined;
    isWanted = compileFilter(settings.filter);
    capturing(on);
    clearInterval(keepingAlive);
    const isBusy = on || (settings.cookies && client !== undefined);
    if (isBusy) keepingAlive = setInterval(() => chrome.runtime.getPlatformInfo(), keepAliveMs);
    link.want({ client, capture: on, cookies: settings.cookies });
    await bodies.switch(on && settings.bodies);
    tell();
  };
  const change = async (wanted: Settings) => {
    settings = wanted;
    await save({ settings, client });
    await apply();
  };
  const pairWith = async (port: number, code: string) => {
    const before = client;
    client = await pair(port, code, browserName());
    if (before !== undefined) await unpair(before).catch(() => {});
    await change({ ...settings, on: true });
  };
  const forget = async () => {
    const before: Client | undefined = client;
    client = undefined;
    // What was captured for this client is not for the next one.
    outbox.acknowledge(outbox.last);
    await change({ ...settings, on: false });
    if (before === undefined) return;
    await unpair(before).catch(() => {
      throw new Error('The client could not be told. There, run: pmproxy interceptor --revoke');
    });
  };
  await apply();
  return {
    async run(command) {
      notice = undefined;
      try {
        if (command.type === 'settings') await change(command.settings);
        else if (command.type === 'pair') await pairWith(command.port, command.code);
        else await forget();
      } catch (error) {
        notice = reasonOf(error);
      }
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      listener(state());
      return () => void listeners.delete(listener);
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function showBadge(on: boolean, captured: number): Promise<void> {
  const text = captured < 1000 ? String(captured) : `${Math.floor(captured / 1000)}k`;
  await chrome.action.setBadgeText({ text: on ? text : '' });
  await chrome.action.setBadgeBackgroundColor({ color: '#1d4fc4' });
}
