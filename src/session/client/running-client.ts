import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describeError, type UserError } from '../../errors.ts';
import { exporterFor } from '../../exporters/index.ts';
import { exchangeOf } from '../../har/exchange.ts';
import { hostOf, newToken } from '../../hub/access.ts';
import type { EntrySource, Exports } from '../../hub/collections.ts';
import type { HubNotice } from '../../hub/coordinator.ts';
import { History } from '../../hub/history/history.ts';
import { holderOf } from '../../hub/history/lock.ts';
import { createHub } from '../../hub/hub.ts';
import type { PrepareEntry } from '../../hub/proxy-connections.ts';
import { makePrivateFolder, makeTemporaryFolder } from '../../new-files.ts';
import { DEFAULTS } from '../../options/defaults.ts';
import { isRunning } from '../../running-process.ts';
import { createEncoder, type MarksOf, withMarks } from '../../sync/push/encoding.ts';
import type { PushFilters } from '../../sync/wire/protocol.ts';
import { version } from '../../version.ts';
import { writeClientFile } from './client-file.ts';
import { collectionFiles, recordingOf } from './collection-files.ts';
import { pairingFile } from './pairing-file.ts';
import { readPushFilters } from './push-filters.ts';

export type RunningClientOptions = {
  /** pmproxy's own folder. */
  readonly home: string;
  readonly bind: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** A new token when left out. */
  readonly token?: string | undefined;
  /** The folder of the history; when left out, a temporary one that is removed at the end. */
  readonly history?: string | undefined;
  readonly collections: string;
  /** How secret values are written to collections and exports, and to the history of what browsers push. */
  readonly secrets: 'redact' | 'keep';
  /** Judges calls that come without marks of their own. */
  readonly marksOf?: MarksOf | undefined;
  /** The folder of the built page; the one in the package when left out. */
  readonly page?: URL;
  /** Limits of the hub, in milliseconds. */
  readonly stalledMs?: number;
  readonly heartbeatMs?: number;
  readonly onNotice?: (notice: HubNotice) => void;
  /** Called when the history can no longer be written. Proxies keep what was not acknowledged. */
  readonly onFailure?: (error: UserError) => void;
};

export type RunningClient = {
  readonly port: number;
  /** The address of the page, with the token. */
  readonly url: string;
  /** Where proxies push to, without the token. */
  readonly captureUrl: string;
  readonly token: string;
  /** The folder of the history. */
  readonly history: string;
  /** Whether the page is open anywhere. */
  readonly isWatched: boolean;
  close(): Promise<void>;
};

/**
 * Starts a client: it listens for proxies and pages, and keeps a history of what they push.
 *
 * @throws UserError when it cannot listen, or the history cannot be kept
 */
export async function startClient(options: RunningClientOptions): Promise<RunningClient> {
  const { home, bind, token = newToken(), marksOf, onFailure } = options;
  const isKept = options.history !== undefined;
  const folder = isKept ? resolve(options.history ?? '') : await passingFolder(home);
  const history = await History.open(folder);
  if (onFailure) history.onFailure = onFailure;
  // Proxies replace secret values before they push. A browser cannot.
  const { secrets } = options;
  const { entry: encode } = createEncoder({ secrets, redact: [] }, undefined, marksOf);
  try {
    const hub = await createHub({
      ...options,
      token,
      history,
      collections: collectionFiles({ folder: options.collections, secrets: options.secrets }),
      exports: exportsOf(options.secrets),
      checkFilters,
      pairings: pairingFile(home),
      prepare: (entry, seq) => encode(exchangeOf(entry, seq, 'exchange')),
      prepareForProxy: marksOf && marker(marksOf),
      page: options.page ?? new URL('../../page/', import.meta.url),
      version,
      command: commandFor,
    });
    const { port } = hub;
    const forget = await writeClientFile(home, { pid: process.pid, port, token });
    const host = `${reachable(bind)}:${port}`;
    return {
      port,
      url: `http://${host}/?token=${token}`,
      captureUrl: `ws://${host}/capture`,
      token,
      history: folder,
      get isWatched() {
        return hub.isWatched;
      },
      async close() {
        await forget();
        await hub.close();
        await history.close({ remove: !isKept });
      },
    };
  } catch (error) {
    await history.close({ remove: !isKept });
    throw error;
  }
}

/** Adds marks to the entries of proxies, except where a proxy has judged for itself. */
function marker(marksOf: MarksOf): PrepareEntry {
  return async (entry, seq) => {
    if (entry._marks) return entry;
    return withMarks(entry, await marksOf(exchangeOf(entry, seq, 'exchange')));
  };
}

function checkFilters(filters: PushFilters): string | undefined {
  try {
    readPushFilters(filters);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}

function exportsOf(secrets: 'redact' | 'keep'): Exports {
  const name = 'pmproxy';
  const render = (format: 'har' | 'curl') => (entries: EntrySource) =>
    exporterFor('', format).render(recordingOf(entries), { name, secrets });
  return {
    har: { mediaType: 'application/json', fileName: `${name}.har`, render: render('har') },
    curl: {
      mediaType: 'text/plain; charset=utf-8',
      fileName: `${name}.sh`,
      render: render('curl'),
    },
  };
}

function commandFor(port: number): string {
  const { clientHost, clientPort } = DEFAULTS;
  const client = port === clientPort ? '' : ` --client ws://${clientHost}:${port}/capture`;
  return `pmproxy sync${client}`;
}

// The address of all interfaces is not one to connect to.
function reachable(bind: string): string {
  if (bind === '0.0.0.0') return '127.0.0.1';
  return bind === '::' ? '[::1]' : hostOf(bind);
}

/** Creates a folder for a history that ends with its client, and removes those that killed clients left behind. */
async function passingFolder(home: string): Promise<string> {
  const parent = join(home, 'histories');
  await makePrivateFolder(parent);
  for (const name of await readdir(parent)) {
    const left = join(parent, name);
    if (!(await isUsed(left, name))) await rm(left, { recursive: true, force: true });
  }
  return makeTemporaryFolder(join(parent, `history-${process.pid}-`));
}

// Before a new folder has its lock, only its name says which process it belongs to.
async function isUsed(folder: string, name: string): Promise<boolean> {
  const holder = await holderOf(folder);
  if (holder !== 'none') return holder === 'living';
  const maker = Number(/^history-(\d+)-/.exec(name)?.[1]);
  return !Number.isNaN(maker) && isRunning(maker);
}
