import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { listen, type Upstream } from '../helpers/upstream.ts';

/** A site with a login, a picture, an API that answers with what it was sent, and a WebSocket. */
export type Site = Upstream & {
  /** The value of its HttpOnly cookie. */
  readonly session: string;
  /** An access token, as its API would take it. */
  readonly token: string;
};

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const head = '<!doctype html><title>site</title><link rel="icon" href="data:,">';
const pages: Readonly<Record<string, string>> = {
  '/login': `${head}<form method="post" action="/login"><input name="name" value="ada">
<input name="note" value="a &amp; b"><button>Log in</button></form>`,
  '/home': `${head}<img src="/logo.png" alt=""><p>home</p>`,
};

/** Starts the site; it is gone when the test is over. */
export async function startSite(): Promise<Site> {
  const session = '9f8e7d6c5b4a39281706f5e4d3c2b1a0';
  const token = 'Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA';
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('latin1');
    const path = (request.url ?? '').replace(/\?.*$/, '');
    response.setHeader('Cache-Control', 'no-store');
    if (path === '/login' && request.method === 'POST') {
      response.setHeader('Set-Cookie', [`session=${session}; HttpOnly`, 'theme=dark']);
      response.writeHead(303, { Location: '/home' }).end();
    } else if (path === '/logo.png') {
      response.setHeader('Content-Type', 'image/png').end(pixel);
    } else if (pages[path] !== undefined) {
      response.setHeader('Content-Type', 'text/html').end(pages[path]);
    } else {
      response.setHeader('X-Answer', 'yes').setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ path, body }));
    }
  });
  new WebSocketServer({ server });
  return { ...(await listen(server, 'http', '127.0.0.1')), session, token };
}
