import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { HarEntry } from '../../src/har/types.ts';
import { interceptorId } from '../../src/sync/wire/interceptor.ts';
import { newFolder } from '../helpers/folder.ts';
import { newClient } from '../helpers/running-client.ts';
import { deadPort } from '../helpers/upstream.ts';
import {
  captured,
  entriesOf,
  entryFor,
  pairWith,
  startIntercepted,
  withChromium,
} from './intercepted-browser.ts';
import { startSite } from './site.ts';

const header = ({ headers }: HarEntry['request'] | HarEntry['response'], wanted: string) =>
  headers.find(({ name }) => name.toLowerCase() === wanted)?.value;

describe('the Interceptor', () => {
  withChromium('captures what a page does, with heads, request bodies and cookies', async () => {
    const client = await newClient({ secrets: 'keep' });
    const site = await startSite();
    const dead = await deadPort();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    const page = await browser.context.newPage();

    await page.goto(`${site.url}/login`);
    await page.getByRole('button').click();
    await page.waitForURL('**/home');
    await page.evaluate(`fetch('/api/cart?x=1', { method: 'PUT', body: '{"item":"ü"}' })`);
    await page.evaluate(`fetch('http://127.0.0.1:${dead}/dead').catch(() => {})`);
    await page.evaluate(`fetch('/upload', { method: 'POST', body: new Uint8Array([0, 255, 1]) })`);

    const login = await entryFor(client, 'POST', '/login');
    expect(login.request.postData?.text).toBe('name=ada&note=a+%26+b');
    expect(header(login.request, 'content-type')).toBe('application/x-www-form-urlencoded');
    expect(login.response).toMatchObject({ status: 303, redirectURL: '/home' });
    expect(login.response.cookies).toMatchObject([
      { name: 'session', value: site.session, httpOnly: true },
      { name: 'theme', value: 'dark', httpOnly: false },
    ]);
    const home = await entryFor(client, 'GET', '/home');
    expect(home.request.cookies).toEqual([
      { name: 'session', value: site.session },
      { name: 'theme', value: 'dark' },
    ]);
    expect(home.response).toMatchObject({ status: 200, statusText: 'OK', httpVersion: 'HTTP/1.1' });
    expect(home._outcome).toEqual({ kind: 'completed' });
    const cart = await entryFor(client, 'PUT', '/api/cart?x=1');
    expect(cart.request.postData?.text).toBe('{"item":"ü"}');
    expect(cart.request.queryString).toEqual([{ name: 'x', value: '1' }]);
    expect(header(cart.response, 'x-answer')).toBe('yes');
    const image = await entryFor(client, 'GET', '/logo.png');
    expect(image.response.content.mimeType).toBe('image/png');
    const failed = await entryFor(client, 'GET', '/dead');
    expect(failed.response).toMatchObject({ status: 0, _error: 'net::ERR_CONNECTION_REFUSED' });
    const upload = await entryFor(client, 'POST', '/upload');
    expect(upload.request.postData).toMatchObject({ text: 'AP8B', _encoding: 'base64' });
    expect(browser.troubles).toEqual([]);
  });

  withChromium('keeps secrets out of the history, as a proxy does', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/login`);
    await page.getByRole('button').click();
    await page.waitForURL('**/home');
    await page.evaluate(
      `fetch('/api/last', { headers: { Authorization: 'Bearer ${site.token}' } })`,
    );

    const last = await entryFor(client, 'GET', '/api/last');
    expect(header(last.request, 'authorization')).toMatch(/^Bearer \{\{\w+\}\}$/);
    const stored = await storedIn(client.history);
    expect(stored).toContain('/api/last');
    expect(stored).not.toContain(site.session);
    expect(stored).not.toContain(site.token);
  });

  withChromium('captures WebSocket handshakes and requests of workers', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/home`);
    await page.evaluate(`new Promise((done) => {
      const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
      socket.onopen = () => socket.close();
      socket.onclose = done;
    })`);
    await page.evaluate(`new Promise((done) => {
      const code = "fetch('${site.url}/api/of-worker').then(() => postMessage(1))";
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      worker.onmessage = done;
    })`);
    const socket = await entryFor(client, 'GET', '/socket');
    expect(socket.response.status).toBe(101);
    expect((await entryFor(client, 'GET', '/api/of-worker')).response.status).toBe(200);
  });

  withChromium('captures what passes the filter, while it is on', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    const { popup } = browser;
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/home`);
    await entryFor(client, 'GET', '/logo.png');
    const before = (await entriesOf(client)).length;
    const send = (method: string, path: string) =>
      page.evaluate(`fetch('${path}', { method: '${method}' }).then(() => {})`);

    await popup.getByLabel('URL matches').fill('/api/\\w+$');
    await popup.getByRole('button', { name: 'POST', exact: true }).click();
    await popup.getByRole('button', { name: 'Fetch/XHR' }).click();
    await send('POST', '/elsewhere');
    await send('GET', '/api/get');
    await send('POST', '/api/post');
    await entryFor(client, 'POST', '/api/post');
    expect(await entriesOf(client)).toHaveLength(before + 1);

    await popup.getByRole('switch', { name: 'Capture' }).click();
    await popup.getByText('Off', { exact: true }).waitFor();
    await send('POST', '/api/off');
    await popup.getByRole('switch', { name: 'Capture' }).click();
    await popup.getByText('Connected').waitFor();
    await send('POST', '/api/on');
    await entryFor(client, 'POST', '/api/on');
    expect(await entriesOf(client)).toHaveLength(before + 2);
    await captured(browser, before + 2);
    // A pattern that is not valid lets nothing through.
    await popup.getByLabel('URL matches').fill('(');
    await popup.getByText(/Nothing is captured/).waitFor();
  });

  withChromium('obeys the page of the client: Disconnect and its filters', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/home`);
    const history = await browser.context.newPage();
    await history.goto(client.url);
    const command = (message: object) =>
      history.evaluate(`new Promise((done) => {
        const socket = new WebSocket(location.origin.replace('http', 'ws') + '/events');
        socket.onopen = () => {
          socket.send('{"type":"start","after":0}');
          socket.send('${JSON.stringify(message)}');
        };
        socket.onmessage = ({ data }) => /"failure"/.test(data) ? done(data) : setTimeout(done, 100);
      })`);
    await command({ type: 'disconnect' });
    await browser.popup.getByText('The client is disconnected in its page').waitFor();
    await page.evaluate(`fetch('/api/held')`);
    await browser.popup.getByText(/\d held/).waitFor();
    await command({ type: 'connect' });
    await entryFor(client, 'GET', '/api/held');
    await command({ type: 'filters', url: ['/only/i'], methods: ['GET'] });
    await page.evaluate(`fetch('/api/other').then(() => fetch('/api/ONLY'))`);
    await entryFor(client, 'GET', '/api/ONLY');
    const urls = (await entriesOf(client)).map(({ request }) => request.url);
    expect(urls.some((url) => url.endsWith('/api/other'))).toBe(false);
    // Looking at the history is not part of it.
    expect(urls.some((url) => url.includes(`:${client.port}/`))).toBe(false);
  });

  withChromium('sends nothing to any other host than the client', async () => {
    const client = await newClient();
    const site = await startSite();
    const log = join(await newFolder(), 'net.json');
    const browser = await startIntercepted([`--log-net-log=${log}`]);
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/home`);
    await entryFor(client, 'GET', '/logo.png');
    await browser.context.close();
    const lines = (await readFile(log, 'utf8')).split('\n');
    const own = lines.filter((line) =>
      line.includes(`"initiator":"chrome-extension://${interceptorId}"`),
    );
    const urls = own.map((line) => /"url":"([^"]*)"/.exec(line)?.[1]).filter((url) => url);
    expect(urls.length).toBeGreaterThan(0);
    expect(new Set(urls.map((url) => new URL(url ?? '').host))).toEqual(
      new Set([`127.0.0.1:${client.port}`]),
    );
  });
});

async function storedIn(folder: string): Promise<string> {
  const { readdir } = await import('node:fs/promises');
  const names = await readdir(folder);
  const texts = names.map((name) => readFile(join(folder, name), 'utf8').catch(() => ''));
  return (await Promise.all(texts)).join('');
}
