import { createServer } from 'node:http';
import { describe, expect } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { newClient } from '../helpers/running-client.ts';
import { listen } from '../helpers/upstream.ts';
import {
  entriesOf,
  entryFor,
  newCode,
  pairWith,
  startIntercepted,
  storedToken,
  withChromium,
} from './intercepted-browser.ts';
import { startSite } from './site.ts';

describe('pairing in the popup', () => {
  withChromium('needs the code of the client, and captures nothing without it', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    const { popup } = browser;
    const code = await newCode(client);
    const page = await browser.context.newPage();
    for (let tries = 0; tries < 5; tries += 1) {
      await browser.pair('2222-2222', client.port);
      await popup.getByText('The code is wrong or no longer valid').waitFor();
      await page.goto(`${site.url}/home`);
    }
    // Five wrong codes spend the right one.
    await browser.pair(code, client.port);
    await popup.getByText('The code is wrong or no longer valid').waitFor();
    await page.goto(`${site.url}/home`);
    expect(await entriesOf(client)).toEqual([]);
    expect(client.notices).toEqual([]);

    const fresh = await newCode(client);
    await browser.pair(` ${fresh.toLowerCase().replace('-', ' ')}`, client.port);
    await popup.getByText('Connected').waitFor();
    await page.goto(`${site.url}/home`);
    await entryFor(client, 'GET', '/home');
  });

  withChromium('says so when no client is running', async () => {
    const client = await newClient();
    await client.close();
    const browser = await startIntercepted();
    await browser.pair('2222-2222', client.port);
    await browser.popup.getByText(`No client answers on port ${client.port}`).waitFor();
  });

  withChromium('ends when the client revokes it, and when the popup unpairs', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    const { popup } = browser;
    await pairWith(browser, client);
    const revoked = await fetch(`http://127.0.0.1:${client.port}/api/interceptor/revoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.token}` },
    });
    expect(await revoked.json()).toEqual({ revoked: 1 });
    await popup.getByText('This browser is not paired any more').waitFor();
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/home`);
    await popup.getByText(/held/).first().waitFor();
    expect(await entriesOf(client)).toEqual([]);

    await popup.getByRole('button', { name: 'Unpair' }).click();
    await pairWith(browser, client);
    // What was captured for the former pairing is gone.
    await page.goto(`${site.url}/login`);
    await entryFor(client, 'GET', '/login');
    const urls = (await entriesOf(client)).map(({ request }) => request.url);
    expect(urls).toEqual([`${site.url}/login`]);

    await popup.getByRole('button', { name: 'Unpair' }).click();
    await popup.getByRole('button', { name: 'Pair', exact: true }).waitFor();
    await eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${client.port}/api/interceptor/revoke`, {
        method: 'POST',
        headers: { authorization: `Bearer ${client.token}` },
      });
      expect(await answer.json()).toEqual({ revoked: 0 });
    });
  });

  withChromium('protects what is captured from a program that takes the port', async () => {
    const client = await newClient();
    const site = await startSite();
    const browser = await startIntercepted();
    await pairWith(browser, client);
    await client.close();
    const seen: string[] = [];
    const imposter = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      seen.push(`${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(chunks)}`);
      response.end('{"proof":"guessed"}');
    });
    imposter.on('upgrade', (request, socket) => {
      seen.push(`upgrade ${request.url}`);
      socket.destroy();
    });
    await listen(imposter, 'http', '127.0.0.1', client.port);
    const page = await browser.context.newPage();
    await page.goto(`${site.url}/home`);
    await browser.popup.getByText(`Another program listens on port ${client.port}`).waitFor();
    const token = await storedToken(browser);
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((line) => !line.startsWith('/api/interceptor/prove '))).toEqual([]);
    expect(seen.join('\n')).not.toContain(token);
    expect(seen.join('\n')).not.toContain('/home');
  });
});
