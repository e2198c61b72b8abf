import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { entryOf } from '../../src/har/entry.ts';
import type { HarEntry } from '../../src/har/types.ts';
import type { HubNotice } from '../../src/hub/coordinator.ts';
import { type RunningClientOptions, startClient } from '../../src/session/client/running-client.ts';
import type { ClientState, HubEvent, PageCommand, Row } from '../../src/sync/wire/page-events.ts';
import type { ClientMessage, Session } from '../../src/sync/wire/protocol.ts';
import { eventually } from './eventually.ts';
import { type ExchangeParts, exchange } from './exchanges.ts';
import { newFolder } from './folder.ts';

/** What it takes to reach a client. */
export type Reachable = { readonly port: number; readonly token: string };

export type TestClient = Reachable & {
  readonly captureUrl: string;
  readonly url: string;
  readonly home: string;
  /** The folder of the collections. */
  readonly collections: string;
  /** The folder of the history. */
  readonly history: string;
  readonly notices: HubNotice[];
  readonly failures: Error[];
  close(): Promise<void>;
};

/** A page as small as one can be. */
const pageFiles = {
  'index.html': '<!doctype html><title>page</title><script src="/assets/page-1a2b.js"></script>',
  'assets/page-1a2b.js': 'document.title = "runs";',
  'secret.map': 'not to be served',
};

/** A running client on a free port, as the command starts it; it is gone when the test is over. */
export async function newClient(options: Partial<RunningClientOptions> = {}): Promise<TestClient> {
  const [home, collections, page] = await Promise.all([newFolder(), newFolder(), newFolder()]);
  await mkdir(join(page, 'assets'));
  for (const [name, text] of Object.entries(pageFiles)) await writeFile(join(page, name), text);
  const notices: HubNotice[] = [];
  const failures: Error[] = [];
  const given = { home, collections, ...options };
  const client = await startClient({
    bind: '127.0.0.1',
    port: 0,
    secrets: 'redact',
    page: pathToFileURL(`${page}/`),
    onNotice: (notice) => notices.push(notice),
    onFailure: (error) => failures.push(error),
    ...given,
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= client.close();
    return closed;
  };
  onTestFinished(close);
  const folders = { home: given.home, collections: given.collections };
  return { ...client, ...folders, notices, failures, close };
}

/** An entry as a proxy pushes it. */
export function entry(parts: ExchangeParts = {}): Promise<HarEntry> {
  return entryOf(exchange(parts));
}

export type Dial = {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
};

type Closed = { readonly code: number; readonly reason: string };

/** Dials a client; the promise fails with the status of a refusal. */
async function dial(client: Reachable, path: string, { token, headers }: Dial): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${client.port}${path}`, {
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    perMessageDeflate: false,
  });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.on('error', () => {});
  return socket;
}

/** The status with which an upgrade is refused; 101 when it is not. */
export async function upgradeStatus(
  client: Reachable,
  path: string,
  options: Dial = {},
): Promise<number> {
  try {
    (await dial(client, path, options)).terminate();
    return 101;
  } catch (error) {
    return Number(/Unexpected server response: (\d+)/.exec(String(error))?.[1]);
  }
}

/** A connection whose closing can be waited for. */
function closing(socket: WebSocket): Promise<Closed> {
  return once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
}

/** A proxy of another make that pushes to a client. */
export type TestProxy = {
  readonly socket: WebSocket;
  readonly messages: readonly ClientMessage[];
  readonly closed: Promise<Closed>;
  /** The seq of the welcome. */
  readonly last: number;
  /** Pushes entries under the next seqs, and waits until they are acknowledged. */
  push(...entries: HarEntry[]): Promise<void>;
  /** Sends a message, or text as it is. */
  send(message: object | string): void;
  acknowledged(seq: number): Promise<void>;
};

let sessions = 0;

/** A session of its own. */
export function newSession(parts: Partial<Session> = {}): Session {
  sessions += 1;
  const startedAt = '2026-01-01T12:00:00.000Z';
  return { id: `session-${sessions}`, name: 'proxy', startedAt, version: '0', ...parts };
}

/** Opens a capture connection without a word. */
export async function openCapture(client: Reachable): Promise<WebSocket> {
  return dial(client, '/capture', { token: client.token });
}

/** Connects a proxy, says hello and waits for the welcome. */
export async function newProxy(
  client: Reachable,
  session: Session = newSession(),
): Promise<TestProxy> {
  const socket = await openCapture(client);
  const messages: ClientMessage[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const send = (message: object | string) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  send({ type: 'hello', protocol: 1, session });
  const { last } = await eventually(() => {
    const welcome = messages.find((message) => message.type === 'welcome');
    if (welcome?.type !== 'welcome') throw new Error('no welcome');
    return welcome;
  });
  const acknowledged = (seq: number) =>
    eventually(() => {
      const ack = messages.findLast((message) => message.type === 'ack');
      const highest = ack?.type === 'ack' ? ack.seq : last;
      if (highest < seq) throw new Error(`${highest} is acknowledged, not ${seq}`);
    });
  let seq = last;
  return {
    socket,
    messages,
    closed: closing(socket),
    last,
    send,
    acknowledged,
    async push(...entries) {
      for (const exchange of entries) {
        seq += 1;
        send({ type: 'exchange', seq, exchange });
      }
      await acknowledged(seq);
    },
  };
}

/** A page without a browser. */
export type TestPage = {
  readonly socket: WebSocket;
  readonly events: readonly HubEvent[];
  /** The rows that have come, in the order in which they did. */
  readonly rows: readonly Row[];
  readonly closed: Promise<Closed>;
  send(command: PageCommand | string): void;
  /** Waits until there are so many rows. */
  shows(count: number): Promise<readonly Row[]>;
  /** Waits for an event of a type, the first that was not waited for yet. */
  next<Type extends HubEvent['type']>(type: Type): Promise<Extract<HubEvent, { type: Type }>>;
  /** Waits until the state is so. */
  state(holds: (state: ClientState) => boolean): Promise<ClientState>;
};

/** Opens a page that has the rows up to `after` already. */
export async function newPage(
  client: Reachable,
  start: { readonly after?: number; readonly history?: string } = {},
): Promise<TestPage> {
  const socket = await dial(client, '/events', { token: client.token });
  const events: HubEvent[] = [];
  const rows: Row[] = [];
  const unread: HubEvent[] = [];
  socket.on('message', (data) => {
    const event: HubEvent = JSON.parse(String(data));
    events.push(event);
    unread.push(event);
    if (event.type === 'rows') rows.push(...event.rows);
  });
  const send = (command: PageCommand | string) =>
    socket.send(typeof command === 'string' ? command : JSON.stringify(command));
  send({ type: 'start', after: 0, ...start });
  return {
    socket,
    events,
    rows,
    closed: closing(socket),
    send,
    shows: (count) =>
      eventually(() => {
        if (rows.length < count) throw new Error(`${rows.length} of ${count} rows`);
        return rows;
      }),
    next: (type) =>
      eventually(() => {
        const at = unread.findIndex((event) => event.type === type);
        if (at < 0) throw new Error(`no ${type} in ${JSON.stringify(events.slice(-5))}`);
        return unread.splice(at, 1)[0] as never;
      }),
    state: (holds) =>
      eventually(() => {
        const event = events.findLast((one) => one.type === 'state');
        if (event?.type !== 'state' || !holds(event.state)) {
          throw new Error(`the state is ${JSON.stringify(event)}`);
        }
        return event.state;
      }),
  };
}

export type Asked = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type Told = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
};

/** Asks a client over HTTP, exactly with these headers. */
export async function askClient(
  { port }: Reachable,
  path: string,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<Told> {
  const asked: ClientRequest = request({ host: '127.0.0.1', port, path, method, headers });
  // An answer may come before all has been sent, and the connection may then end under the rest.
  asked.on('error', () => {});
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(chunks).toString(),
  };
}

/** What a browser that has the cookie sends from the client's own page. */
export async function browserHeaders(client: Reachable): Promise<Record<string, string>> {
  const { headers } = await askClient(client, `/?token=${client.token}`);
  const [cookie = ''] = headers['set-cookie'] ?? [];
  return { cookie: cookie.replace(/;.*/, ''), origin: `http://127.0.0.1:${client.port}` };
}
