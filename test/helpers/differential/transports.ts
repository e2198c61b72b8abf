import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import type { RunningProxy } from '../../../src/proxy/index.ts';
import { secure } from '../http-client.ts';
import { openTunnel } from '../raw-client.ts';
import { type Connection, exchangeHttp1 } from './client.ts';
import type { Ends } from './comparison.ts';
import { Run, type Script } from './exchange.ts';
import { exchangeHttp2 } from './http2-client.ts';
import { isOverHttp2, type Transport } from './observation.ts';
import type { Origin } from './origin.ts';

let nextId = 0;

/** Exchanges under way. */
export type Making = {
  readonly runs: readonly Run[];
  /** Both sides have seen the end of each. */
  readonly over: Promise<void>;
};

/** Makes these exchanges over one connection. */
export function make(
  scripts: readonly Script[],
  transport: Transport,
  order: 'in turn' | 'pipelined',
  { origin, proxy, server }: Ends,
): Making {
  const overHttp2 = isOverHttp2(transport) || (transport === 'direct' && server === 'HTTP/2');
  const runs = scripts.map((script) => {
    nextId += 1;
    return new Run(script, `${transport}-${nextId}`);
  });
  for (const run of runs) origin.runs.set(run.id, run);
  // What never got there has nothing to end.
  const isSettled = (run: Run) => !run.request || run.request.ended !== undefined;
  const exchanging = async () => {
    const close = overHttp2
      ? await makeOverHttp2(runs, transport, order, origin, proxy)
      : await makeOverHttp1(runs, order, origin, await connectionFor(transport, origin, proxy));
    await Promise.all(runs.map((run) => run.until(() => isSettled(run))));
    close();
  };
  return { runs, over: exchanging() };
}

async function makeOverHttp1(
  runs: readonly Run[],
  order: 'in turn' | 'pipelined',
  { authority }: Origin,
  connection: Connection,
): Promise<() => void> {
  await exchangeHttp1(runs, connection, authority, order);
  return () => connection.socket.destroy();
}

async function makeOverHttp2(
  runs: readonly Run[],
  transport: Transport,
  order: 'in turn' | 'pipelined',
  origin: Origin,
  proxy: RunningProxy,
): Promise<() => void> {
  const { authority } = origin;
  const beneath =
    transport === 'direct' ? await opened(origin.port) : await openTunnel(proxy.port, authority);
  const isSecure = transport === 'h2';
  const socket = isSecure
    ? await secure(proxy, beneath, 'localhost', { ALPNProtocols: ['h2'] })
    : beneath;
  const scheme = isSecure ? 'https' : 'http';
  const session = connectHttp2(`${scheme}://${authority}`, {
    createConnection: () => socket,
    maxHeaderListPairs: 10_000,
    settings: { maxHeaderListSize: 1_000_000 },
  } as Parameters<typeof connectHttp2>[1]);
  session.on('error', () => {});
  const start = (run: Run) => exchangeHttp2(run, session, beneath, authority, scheme);
  if (order === 'pipelined') await Promise.all(runs.map(start));
  else for (const run of runs) await start(run);
  return () => session.destroy();
}

async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

async function connectionFor(
  transport: Transport,
  { port, authority }: Origin,
  proxy: RunningProxy,
): Promise<Connection> {
  if (transport === 'tls') {
    const beneath = await openTunnel(proxy.port, authority);
    const options = { ALPNProtocols: ['http/1.1'] };
    return { socket: await secure(proxy, beneath, 'localhost', options), beneath, prefix: '' };
  }
  if (transport === 'tunnel') {
    const socket = await openTunnel(proxy.port, authority);
    return { socket, beneath: socket, prefix: '' };
  }
  const socket = await opened(transport === 'direct' ? port : proxy.port);
  const prefix = transport === 'plain' ? `http://${authority}` : '';
  return { socket, beneath: socket, prefix };
}
