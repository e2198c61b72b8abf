/** http-mitm-proxy with connections kept on both sides, which is not its default but its best. */
import https from 'node:https';
import { join } from 'node:path';
import { Proxy as MitmProxy } from 'http-mitm-proxy';
import { announce, folder } from './launch.js';

const proxy = new MitmProxy();
proxy.onError((_context, error) => console.error(error?.message));
const options = {
  host: '127.0.0.1',
  httpsAgent: new https.Agent({ keepAlive: true, rejectUnauthorized: false }),
  keepAlive: true,
  port: 0,
  sslCaDir: join(folder, 'ca'),
};
proxy.listen(options, (error) => {
  if (error) throw error;
  announce(proxy.httpPort);
});
