/** gRPC clients, straight to a server or through a proxy. */
import grpc from '@grpc/grpc-js';
import { service } from './service.js';

/**
 * Opens a gRPC client with a connection of its own, in clear text.
 * @param {number} port of the server, on 127.0.0.1
 * @param {number} [proxyPort] straight to the server without one
 */
export function openGrpc(port, proxyPort) {
  const Client = grpc.makeClientConstructor(service, 'Bench');
  // The client reads its proxy from the environment when it is made.
  if (proxyPort) process.env['grpc_proxy'] = `http://127.0.0.1:${proxyPort}`;
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': proxyPort ? 1 : 0,
  });
  delete process.env['grpc_proxy'];
  return client;
}

/**
 * @param {ReturnType<typeof openGrpc>} client
 * @param {Buffer} message
 * @returns {Promise<Buffer>} the answer
 * @throws when the call fails
 */
export function callUnary(client, message) {
  return new Promise((resolve, reject) => {
    client.unary(message, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}
