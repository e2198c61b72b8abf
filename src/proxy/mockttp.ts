/**
 * Everything of mockttp that pmproxy leans on, and none of it is a documented interface: its version
 * is pinned exactly, and test/proxy/mockttp.test.ts has a test per fact, so that an upgrade fails
 * loudly. Importing this costs about 130 ms: import it lazily.
 */
export { createComboServer } from 'mockttp/dist/server/http-combo-server';
export { generateCACertificate } from 'mockttp/dist/util/certificates';
export {
  Expects100Continue,
  LastHopEncrypted,
  LastTunnelAddress,
  SocketTimingInfo,
} from 'mockttp/dist/util/socket-extensions';
