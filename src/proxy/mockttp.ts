import type { Server as HttpServer } from 'node:http';
import type { Http2Server } from 'node:http2';
import type { Server } from 'node:net';
import type { TLSSocket } from 'node:tls';

/**
 * Everything in mockttp that pmproxy relies on. None of it is a documented interface: the version
 * is pinned exactly, and test/proxy/mockttp.test.ts has a test per fact, so that an upgrade fails
 * visibly. Importing this takes about 130 ms: import it lazily.
 */
export { createComboServer } from 'mockttp/dist/server/http-combo-server';
export {
  LastHopEncrypted,
  LastTunnelAddress,
} from 'mockttp/dist/util/socket-extensions';

/** The server's parts: one server that detects protocols, and one for each protocol. */
export type ComboServer = Server & {
  _httpServer: HttpServer;
  _http2Server: Http2Server;
  _tlsServer: NodeJS.EventEmitter;
  _socksHandler: NodeJS.EventEmitter;
  _unknownProtocolHandler: NodeJS.EventEmitter;
  /** Accepts a connection on which TLS has been opened. */
  tlsListener(socket: TLSSocket): void;
};
