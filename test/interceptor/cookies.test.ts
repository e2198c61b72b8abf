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
});
