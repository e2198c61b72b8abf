// Asks for /<client> at each URL of URLS with the clients of Bun.
import http from 'node:http';
import https from 'node:https';
import { each } from './each.js';

await each({
  fetch: async (url) => (await fetch(url)).text(),
  http: (url) =>
    new Promise((resolve, reject) => {
      const { get } = url.startsWith('https') ? https : http;
      get(url, (answer) => answer.resume().on('end', resolve)).on('error', reject);
    }),
  websocket: (url) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      socket.onopen = () => socket.close();
      socket.onclose = resolve;
      socket.onerror = (event) => reject(new Error(event.message));
    }),
});
process.exit();
