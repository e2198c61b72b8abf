import type { HarEntry } from '../sync/wire/page-events.ts';
import type { Session } from '../sync/wire/protocol.ts';
import type { OutboxStore } from './push/outbox.ts';
import { initialSettings, type Saved } from './settings.ts';

/** Reads what outlives the browser: the choices and the pairing. */
export async function loadSaved(): Promise<Saved> {
  const { settings, client } = (await chrome.storage.local.get([
    'settings',
    'client',
  ])) as Partial<Saved>;
  return { settings: { ...initialSettings, ...settings }, client };
}

export async function save({ settings, client }: Saved): Promise<void> {
  if (client === undefined) await chrome.storage.local.remove('client');
  await chrome.storage.local.set({ settings, ...(client && { client }) });
}

/** What outlives the worker, but not the browser. */
export type BrowserRun = { readonly session: Session; readonly captured: number };

/** The state of this run of the browser. The first call makes its session. */
export async function loadRun(): Promise<BrowserRun> {
  const { session, captured = 0 } = (await chrome.storage.session.get([
    'session',
    'captured',
  ])) as Partial<BrowserRun>;
  if (session !== undefined) return { session, captured };
  const made: Session = {
    id: `interceptor-${crypto.randomUUID()}`,
    name: browserName(),
    startedAt: new Date().toISOString(),
    version: chrome.runtime.getManifest().version,
  };
  await chrome.storage.session.set({ session: made });
  return { session: made, captured };
}

/** `Chrome`, `Microsoft Edge`; Chromium where no brand is named. */
export function browserName(): string {
  type Brands = { userAgentData?: { brands: readonly { brand: string }[] } };
  const brands = (navigator as Brands).userAgentData?.brands ?? [];
  const named = brands
    .map(({ brand }) => brand)
    .find((brand) => !/Not.*Brand|^Chromium$/i.test(brand));
  return named?.replace(/^Google /, '') ?? 'Chromium';
}

const heldKey = (seq: number) => `held.${seq}`;

/**
 * Holds entries in memory, beside the worker. Nothing that was captured is written to the disk. The counts are written
 * with each entry, as they belong to it.
 *
 * @param captured the number of captured calls
 */
export function sessionStore(captured: () => number): OutboxStore {
  return {
    async load() {
      const all = await chrome.storage.session.get(null);
      const entries = Object.entries(all)
        .filter(([key]) => key.startsWith('held.'))
        .map(([key, entry]): [number, HarEntry] => [Number(key.slice(5)), entry as HarEntry]);
      return { entries, last: Number(all['last'] ?? 0) };
    },
    put(seq, entry) {
      const values = { [heldKey(seq)]: entry, last: seq, captured: captured() };
      // Without room there, the entry is still held by the worker itself.
      chrome.storage.session.set(values).catch(() => chrome.storage.session.set({ last: seq }));
    },
    remove(seqs) {
      void chrome.storage.session.remove(seqs.map(heldKey));
    },
  };
}
