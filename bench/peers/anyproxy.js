/** anyproxy with its recorder, which it cannot do without, and without its web page. */
import net from 'node:net';
import AnyProxy from 'anyproxy';
import { accepts, freePort } from '../ports.js';
import { announce } from './launch.js';

// It listens on every address; a machine that measures should not be an open proxy meanwhile.
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, ...rest) {
  if (typeof port !== 'number') return listen.call(this, port, ...rest);
  return listen.call(
    this,
    { port, host: '127.0.0.1' },
    ...rest.filter((one) => typeof one === 'function'),
  );
};

const { certMgr } = AnyProxy.utils;
await new Promise((resolve, reject) => {
  certMgr.generateRootCA((error) => (error ? reject(error) : resolve(undefined)));
});
const port = await freePort();
const proxy = new AnyProxy.ProxyServer({
  dangerouslyIgnoreUnauthorized: true,
  forceProxyHttps: true,
  port,
  rule: {},
  silent: true,
  webInterface: { enable: false },
});
// It is `ready` before it listens.
proxy.on('ready', () => accepts(port).then(() => announce(port)));
proxy.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
proxy.start();
