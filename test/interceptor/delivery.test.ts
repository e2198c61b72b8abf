import { describe, expect } from 'vitest';
import { newFolder } from '../helpers/folder.ts';
import { newClient } from '../helpers/running-client.ts';
import {
  endWorker,
  entriesOf,
  entryFor,
  isConnected,
  pairWith,
  startIntercepted,
  withChromium,
} from './intercepted-browser.ts';
import { startSite } from './site.ts';

describe('delivery by the Interceptor', () => {
  withChromium('holds calls while the client is away, and loses none', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/login`);
    await entryFor(client, 'GET', '/login');
    await client.close();
    const paths = Array.from({ length: 40 }, (_, at) => `/api/${at}`);
    for (const path of paths) await page.evaluate(`fetch('${path}').then(() => {})`);
    await browser.popup.getByText('40 held').waitFor();
    await browser.popup.getByText('Calls are held').waitFor();

    const { home, port } = client;
    const again = await newClient({ home, port });
    await isConnected(browser, again);
    await entryFor(again, 'GET', '/api/39');
    const urls = (await entriesOf(again)).map(({ request }) => request.url.replace(site.url, ''));
    expect(urls).toEqual(paths);
    await browser.popup.getByText('41 calls captured', { exact: true }).waitFor();
  });

  withChromium('goes on when the browser is restarted', async () => {
    const client = await newClient();
    const site = await startSite();
    const profile = await newFolder();
    const before = await startIntercepted([], profile);
    await pairWith(before, client);
    await before.popup.getByLabel('URL matches').pressSequentially('/(home|api)');
    await before.context.close();

    const after = await startIntercepted([], profile);
    await isConnected(after, client);
    const page = await after.context.newPage();
    await page.goto(`${site.url}/login`);
    await page.goto(`${site.url}/home`);
    await entryFor(client, 'GET', '/home');
    expect(await entriesOf(client)).toHaveLength(1);
    expect(await after.popup.getByLabel('URL matches').inputValue()).toBe('/(home|api)');
  });

  withChromium('holds calls beyond the end of its worker', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/login`);
    await entryFor(client, 'GET', '/login');
    await client.close();
    await page.evaluate(`fetch('/api/1').then(() => {})`);
    await browser.popup.getByText('1 held').waitFor();

    await endWorker(browser);
    await browser.popup.getByText('1 held').waitFor();

    const { home, port } = client;
    const again = await newClient({ home, port });
    await entryFor(again, 'GET', '/api/1');
    await page.evaluate(`fetch('/api/2').then(() => {})`);
    await entryFor(again, 'GET', '/api/2');
    const urls = (await entriesOf(again)).map(({ request }) => request.url.replace(site.url, ''));
    expect(urls).toEqual(['/api/1', '/api/2']);
  });
});
