/**
 * Load over HTTP/2: four connections, with streams that share them.
 * Arguments: proxy port (0 for none), URL, streams at once, seconds.
 */
import { openHttp2 } from '../http2-client.js';
import { loop } from './worker-loop.js';

const url = new URL(process.argv[3] ?? '');
const [port, concurrent, seconds] = [2, 4, 5].map((at) => Number(process.argv[at]));
const sessions = await Promise.all([1, 2, 3, 4].map(() => openHttp2(port, url.host)));

/** @param {number} worker @returns {Promise<{status: number, bytes: number}>} */
function ask(worker) {
  return new Promise((resolve) => {
    let [status, bytes] = [0, 0];
    const stream = sessions[worker % sessions.length].request({ ':path': url.pathname });
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0;
    });
    stream.on('data', (chunk) => {
      bytes += chunk.length;
    });
    stream.on('end', () => resolve({ status, bytes }));
    stream.on('error', () => resolve({ status: 0, bytes }));
    stream.on('close', () => resolve({ status: 0, bytes }));
  });
}

await loop({ concurrent, seconds, ask });
for (const session of sessions) session.destroy();
