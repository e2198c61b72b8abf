import type { Server as HttpServer } from 'node:http';
import type { Http2Server } from 'node:http2';
import type { Server } from 'node:net';
import type { TLSSocket } from 'node:tls';

/**
 * Everything of mockttp that pmproxy leans on, and none of it is a documented interface: its version
 * is pinned exactly, and test/proxy/mockttp.test.ts has a test per fact, so that an upgrade fails
 * loudly. Importing this costs about 130 ms: import it lazily.
 */
export { createComboServer } from 'mockttp/dist/server/http-combo-server';
export {
  LastHopEncrypted,
  LastTunnelAddress,
} from 'mockttp/dist/util/socket-extensions';

/** What the server is made of: one that tells protocols apart, and one for each of them. */
export type ComboServer = Server & {
  _httpServer: HttpServer;
  _http2Server: Http2Server;
  _tlsServer: NodeJS.EventEmitter;
  _socksHandler: NodeJS.EventEmitter;
  _unknownProtocolHandler: NodeJS.EventEmitter;
  /** Takes a connection on which TLS has been opened. */
  tlsListener(socket: TLSSocket): void;
};
