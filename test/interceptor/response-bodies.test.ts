import { describe, expect } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { newClient } from '../helpers/running-client.ts';
import {
  entriesOf,
  entryFor,
  isDebugged,
  pairWith,
  startIntercepted,
  withChromium,
} from './intercepted-browser.ts';
import { startSite } from './site.ts';

describe('response bodies', () => {
  withChromium('are captured while they are switched on', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    const { popup } = browser;
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/home`);
    const before = await entryFor(client, 'GET', '/home');
    expect(before.response.content.text).toBe('');
    expect(before.response.content._cut).toBe(true);

    await popup.getByRole('switch', { name: 'Response bodies' }).click();
    await isDebugged(page, client);
    await page.evaluate(`fetch('/api/first').then((answer) => answer.text())`);
    const first = await entryFor(client, 'GET', '/api/first');
    expect(JSON.parse(first.response.content.text ?? '')).toMatchObject({ path: '/api/first' });

    await page.evaluate(`new Promise((done) => {
      const fetching = "fetch('${site.url}/api/of-worker').then((answer) => answer.text())";
      const code = "onmessage = () => " + fetching + ".then(postMessage)";
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      worker.onmessage = done;
      setTimeout(() => worker.postMessage(1), 500);
    })`);
    const ofWorker = await entryFor(client, 'GET', '/api/of-worker');
    expect(ofWorker.response.content.text).toContain('/api/of-worker');

    await page.goto(`${site.url}/login`);
    await page.getByRole('button').click();
    await page.waitForURL('**/home');
    await eventually(async () => {
      const images = (await entriesOf(client)).filter(({ request }) => /logo/.test(request.url));
      expect(images.at(-1)?.response.content).toMatchObject({
        mimeType: 'image/png',
        encoding: 'base64',
        text: expect.stringMatching(/^iVBORw0KGgo/),
      });
    });
    const redirect = await entryFor(client, 'POST', '/login');
    expect(redirect.response.status).toBe(303);
    // Only the debugger sees in which order the fields of a form were sent.
    await page.evaluate(`fetch('/form', { method: 'POST', body: new URLSearchParams('b=1&a=2') })`);
    const form = await entryFor(client, 'POST', '/form');
    expect(form.request.postData?.text).toBe('b=1&a=2');
  });

  withChromium('are those of their own calls when many alike are under way', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/home`);
    await browser.popup.getByRole('switch', { name: 'Response bodies' }).click();
    await isDebugged(page, client);
    await page.evaluate(`Promise.all(Array.from({ length: 30 }, (_, at) =>
      fetch('/api/' + at % 10, { method: 'POST', body: String(at) }).then((answer) => answer.text())))`);
    const posts = await eventually(async () => {
      const found = (await entriesOf(client)).filter(({ request }) => request.method === 'POST');
      expect(found).toHaveLength(30);
      return found;
    });
    for (const { request, response } of posts) {
      const { path, body } = JSON.parse(response.content.text ?? '{}');
      expect(`${site.url}${path} ${body}`).toBe(`${request.url} ${request.postData?.text}`);
    }
  });
});
