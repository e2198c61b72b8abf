import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { WebSocketServer } from 'ws';
import { eventually } from './eventually.ts';
import { listen, type Upstream, upstreamAuthority } from './upstream.ts';

/** A site that a browser visits by itself, from a login to the last page, and that writes down what it sees. */
export type VisitedSite = {
  readonly plain: Upstream;
  /** Certified by {@link upstreamAuthority}, for localhost. */
  readonly secure: Upstream;
  /** `POST localhost:443/login session=…`: what has come, in order. */
  readonly seen: readonly string[];
  /** Waits until a page has done all that it does. */
  done(): Promise<void>;
};

// Browsers ask for an icon whenever they like, unless a page has one.
const HEAD = '<!doctype html><title>shop</title><link rel="icon" href="data:,">';
const LOGIN = `${HEAD}<form method="post" action="/login">
<input name="user" value="ada"><input name="password" type="password" value="correct-horse-battery"></form>
<script>addEventListener('load', () => document.forms[0].submit())</script>`;
const HOME = `${HEAD}<script src="/home.js"></script>`;

/** A page's script: calls to the other server and names of this one, and a WebSocket. */
const script = (plainPort: number, securePort: number) => `
const answered = (socket) => new Promise((resolve) => {
  socket.onopen = () => socket.send('hello');
  socket.onmessage = ({ data }) => resolve(data);
});
(async () => {
  const noCors = { mode: 'no-cors' };
  await fetch('/api/cart', { method: 'POST', body: '{"item":1}', headers: { 'Content-Type': 'application/json' } });
  await fetch('http://localhost:${plainPort}/by-name', noCors);
  await fetch('http://127.0.0.1:${plainPort}/by-address', noCors);
  await fetch('https://localhost:${securePort}/secure', noCors);
  await answered(new WebSocket(location.origin.replace('http', 'ws') + '/socket'));
  await fetch('/done');
})();`;

/** Starts the servers; they are gone when the test is over. A visit begins at `/` of either. */
export async function startVisitedSite(): Promise<VisitedSite> {
  const seen: string[] = [];
  let ports: [plain: number, secure: number] = [0, 0];
  const answer: RequestListener = async (request, response) => {
    const { method = '', url = '/', headers } = request;
    for await (const _ of request) {
      // All of a form is to have come.
    }
    const cookie = headers.cookie === undefined ? '' : ` ${headers.cookie}`;
    seen.push(`${method} ${headers.host}${url}${cookie}`);
    if (url === '/login') {
      response.setHeader('Set-Cookie', 'session=9f8e7d6c5b4a39281706; HttpOnly');
      response.writeHead(303, { Location: '/home' }).end();
      return;
    }
    const isScript = url === '/home.js';
    const isPage = url === '/' || url === '/home';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    if (isScript) response.end(script(...ports));
    else response.end(isPage ? (url === '/' ? LOGIN : HOME) : 'answer');
  };
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const servers = [createServer(answer), createSecureServer({ key, cert }, answer)] as const;
  for (const server of servers) {
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('message', (data) => socket.send(`echo of ${data}`));
    });
  }
  const plain = await listen(servers[0], 'http', '127.0.0.1');
  const secure = await listen(servers[1], 'https', 'localhost');
  ports = [plain.port, secure.port];
  const done = () =>
    eventually(() => {
      if (!seen.some((line) => line.includes('/done'))) throw new Error(seen.join('\n'));
    });
  return { plain, secure, seen, done };
}
