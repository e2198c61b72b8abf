import { describe, expect } from 'vitest';
import type { CookieAnswer, CookieRequest } from '../../src/sync/wire/interceptor.ts';
import { eventually } from '../helpers/eventually.ts';
import { newClient, type Reachable } from '../helpers/running-client.ts';
import { pairWith, startIntercepted, withChromium } from './intercepted-browser.ts';
import { startSite } from './site.ts';

async function askCookies({ port, token }: Reachable, request: CookieRequest) {
  const response = await fetch(`http://127.0.0.1:${port}/api/interceptor/cookies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(request),
  });
  return { status: response.status, body: (await response.json()) as CookieAnswer };
}

describe('cookies of the browser', () => {
  withChromium('are read and written by the client, when the person allows it', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/login`);
    await page.getByRole('button').click();
    await page.waitForURL('**/home');
    const list: CookieRequest = { action: 'list', url: site.url };
    expect(await askCookies(client, list)).toMatchObject({
      status: 502,
      body: { error: expect.stringContaining('No browser shares its cookies') },
    });

    await browser.popup.getByRole('switch', { name: 'Cookies' }).click();
    const listed = await eventually(async () => {
      const answer = await askCookies(client, list);
      expect(answer.status).toBe(200);
      return answer.body;
    });
    expect(listed.cookies).toMatchObject([
      { name: 'session', value: site.session, httpOnly: true },
      { name: 'theme', value: 'dark', httpOnly: false },
    ]);
    const cookie = { name: 'theme', value: 'light', httpOnly: true };
    await askCookies(client, { action: 'set', url: site.url, cookie });
    const removed = await askCookies(client, { action: 'remove', url: site.url, name: 'session' });
    expect(removed.body.cookies).toMatchObject([{ name: 'theme', value: 'light' }]);
    expect(await browser.context.cookies(site.url)).toMatchObject([
      { name: 'theme', value: 'light', httpOnly: true },
    ]);

    await browser.popup.getByRole('switch', { name: 'Cookies' }).click();
    await eventually(async () => expect((await askCookies(client, list)).status).toBe(502));
  });

  withChromium('are shown and edited in the page of the client', async () => {
    const page = new URL('../../dist/page/', import.meta.url);
    const client = await newClient({ page });
    const site = await startSite();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    await browser.context.addCookies([
      { name: 'theme', value: 'dark', url: site.url },
      { name: 'session', value: 's1', url: site.url, httpOnly: true },
    ]);
    const history = await browser.context.newPage();
    await history.goto(client.url);
    await history.getByText('Live', { exact: true }).waitFor();
    const open = history.getByRole('button', { name: 'Cookies' });
    expect(await open.count()).toBe(0);
    await browser.popup.getByRole('switch', { name: 'Cookies' }).click();
    await open.click();

    const dialog = history.getByRole('dialog', { name: 'Cookies of the browser' });
    await dialog.getByLabel('URL').fill(site.url);
    await history.keyboard.press('Enter');
    await dialog.getByLabel('theme').fill('light');
    await history.keyboard.press('Tab');
    await dialog.getByRole('button', { name: 'Delete session' }).click();
    await dialog.getByLabel('Name of a new cookie').fill('cart');
    await dialog.getByLabel('Value of a new cookie').fill('7');
    await history.keyboard.press('Enter');
    await dialog.getByLabel('cart').waitFor();
    // The cookie that gives access to the client is not shown.
    expect(await dialog.getByRole('listitem').count()).toBe(2);
    await eventually(async () => {
      const cookies = await browser.context.cookies(site.url);
      const pairs = cookies.map(({ name, value }) => `${name}=${value}`);
      // Cookies do not know ports: the client's own is among them.
      expect(pairs.filter((pair) => !pair.startsWith('pmproxy-')).sort()).toEqual([
        'cart=7',
        'theme=light',
      ]);
    });
    await dialog.getByLabel('URL').fill('ftp://a.test/');
    await history.keyboard.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'not valid' }).waitFor();
  });
});
