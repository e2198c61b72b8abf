// Asks for /<client> at each URL of URLS with the clients of Node.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { Worker } from 'node:worker_threads';
import { each } from './each.js';

const moduleOf = (url) => (url.startsWith('https') ? https : http);

async function get(url, options) {
  const [response] = await once(moduleOf(url).get(url, options), 'response');
  await response.resume().toArray();
}

const fetching = `fetch(process.env.URL_TO_FETCH).then((response) => response.text())`;

const clients = {
  fetch: async (url) => (await fetch(url)).text(),
  http: (url) => get(url),
  'own-agent': async (url) => {
    const agent = new (moduleOf(url).Agent)({ keepAlive: true });
    await get(url, { agent });
    agent.destroy();
  },
  'no-agent': (url) => get(url, { agent: false }),
  async http2(url) {
    const { origin, pathname } = new URL(url);
    const session = http2.connect(origin);
    const request = session.request({ ':path': pathname });
    await request.resume().toArray();
    session.close();
  },
  async undici(url) {
    const { request } = await import('undici');
    await (await request(url)).body.text();
  },
  async 'undici-agent'(url) {
    const { Agent, request } = await import('undici');
    const dispatcher = new Agent();
    await (await request(url, { dispatcher })).body.text();
    await dispatcher.close();
  },
  axios: async (url) => (await import('axios')).default.get(url),
  got: async (url) => (await import('got')).got(url, { retry: { limit: 0 } }),
  ky: async (url) => (await import('ky')).default(url).text(),
  'node-fetch': async (url) => (await (await import('node-fetch')).default(url)).text(),
  superagent: async (url) => (await import('superagent')).default.get(url),
  async ws(url) {
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(url.replace('http', 'ws'));
    await once(socket, 'open');
    socket.close();
    await once(socket, 'close');
  },
  async worker(url) {
    await once(
      new Worker(fetching, { eval: true, env: { ...process.env, URL_TO_FETCH: url } }),
      'exit',
    );
  },
  async grandchild(url) {
    const env = { ...process.env, URL_TO_FETCH: url };
    const shell = spawn('sh', ['-c', `"${process.execPath}" -e '${fetching}'`], {
      env,
      stdio: 'inherit',
    });
    await once(shell, 'exit');
  },
  async playwright(url) {
    const { request } = (await import('playwright-core')).default;
    const context = await request.newContext();
    await context.get(url, { maxRetries: 0 });
    await context.dispose();
  },
};

await each(clients);
