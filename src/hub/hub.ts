import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { maxFrameBytes } from '../sync/wire/protocol.ts';
import { createAccess } from './access.ts';
import { createApi } from './api.ts';
import { readAssets } from './assets.ts';
import type { Exports } from './collections.ts';
import { Coordinator, type CoordinatorOptions } from './coordinator.ts';
import { createInterceptorApi } from './interceptors/interceptor-api.ts';
import { InterceptorConnections } from './interceptors/interceptor-connections.ts';
import { createPairingCodes } from './interceptors/pairing-codes.ts';
import { type PairingFile, Pairings } from './interceptors/pairings.ts';
import { listen } from './listening.ts';
import type { PrepareEntry } from './proxy-connections.ts';
import { refuseUpgrade } from './responses.ts';
import { createRoutes } from './routes.ts';
import { createHeartbeat } from './websocket.ts';

export type HubOptions = CoordinatorOptions & {
  /** The address to listen on. Port 0 takes a free one. */
  readonly bind: string;
  readonly port: number;
  readonly token: string;
  readonly exports: Exports;
  readonly pairings: PairingFile;
  /** Prepares an entry of a browser for the history: secret values are replaced. */
  readonly prepare: PrepareEntry;
  /** Prepares an entry of a proxy for the history; left out, entries are stored as they come. */
  readonly prepareForProxy?: PrepareEntry | undefined;
  /** The folder of the built page. */
  readonly page: URL;
  /** The command line that sends traffic to the client at this port. */
  readonly command: (port: number) => string;
  /** The interval between pings, in milliseconds. */
  readonly heartbeatMs?: number;
};

export type Hub = {
  readonly port: number;
  /** Whether the page is open anywhere. */
  readonly isWatched: boolean;
  /** Ends all connections and writes pending calls to their collections. */
  close(): Promise<void>;
};

/**
 * Starts the running client. Proxies push to it at `/capture`, and pages show what was pushed.
 *
 * @throws UserError when it cannot listen
 */
export async function createHub(options: HubOptions): Promise<Hub> {
  const board = new Coordinator(options, await options.collections.list());
  const assets = await readAssets(options.page);
  const server = createServer({ requestTimeout: 30_000 });
  const port = await listen(server, options.port, options.bind);
  const access = createAccess({ ...options, port });
  const onError = (error: unknown) => options.onNotice?.({ kind: 'failure', error });
  board.command = options.command(port);
  const pairings = new Pairings(options.pairings);
  const connections = new InterceptorConnections(() => board.pages.state());
  board.sharesCookies = () => connections.sharesCookies;
  const interceptorApi = createInterceptorApi({
    ...{ access, port, pairings, connections },
    codes: createPairingCodes(),
  });
  const api = createApi({ ...options, access, state: () => board.state(), interceptorApi });
  server.on('request', createRoutes({ access, api, assets, onError }));

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const heartbeat = createHeartbeat(options.heartbeatMs ?? 15_000);
  const accept = (socket: WebSocket, take: (socket: WebSocket) => void) => {
    // ws closes a connection that violates the WebSocket protocol. The error says no more than that.
    socket.on('error', () => {});
    heartbeat.watch(socket);
    take(socket);
  };
  const acceptInterceptor = async (
    request: IncomingMessage,
    socket: Duplex,
    path: string,
    upgrade: (take: (socket: WebSocket) => void) => void,
  ) => {
    const pairing = await pairings.find(access.tokenOf(request) ?? '');
    if (pairing === undefined) {
      refuseUpgrade(socket, 403, 'This browser is not paired with this client.');
      return;
    }
    upgrade((one) => {
      connections.watch(one, pairing);
      if (path === '/interceptor') connections.accept(one, pairing);
      else board.proxies.accept(one, options.prepare);
    });
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    const upgrade = (take: (socket: WebSocket) => void) =>
      sockets.handleUpgrade(request, socket, head, (opened) => accept(opened, take));
    if (!access.isOurHost(request))
      refuseUpgrade(socket, 403, 'This client does not serve that host name.');
    else if (access.isInterceptor(request) && /^\/(capture|interceptor)$/.test(path))
      acceptInterceptor(request, socket, path, upgrade).catch((error: unknown) => {
        onError(error);
        socket.destroy();
      });
    else if (path === '/capture' && access.mayPush(request))
      upgrade((one) => board.proxies.accept(one, options.prepareForProxy));
    else if (path === '/events' && access.mayWrite(request))
      upgrade((one) => board.pages.accept(one));
    else if (path === '/capture' || path === '/events') {
      refuseUpgrade(
        socket,
        403,
        'Access requires the token of this client. Pages of other sites are refused.',
      );
    } else refuseUpgrade(socket, 404, `There is nothing at ${path}.`);
  });

  return {
    port,
    get isWatched() {
      return board.pages.count > 0;
    },
    async close() {
      heartbeat.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      await board.close();
      for (const socket of sockets.clients) {
        if (socket.readyState !== socket.CLOSING) socket.terminate();
      }
      server.closeAllConnections();
      await closed;
    },
  };
}
