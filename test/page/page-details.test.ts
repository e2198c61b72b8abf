import { once } from 'node:events';
import { describe, expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../helpers/eventually.ts';
import { openTunnel } from '../helpers/raw-client.ts';
import { deadPort, webSocketUpstream } from '../helpers/upstream.ts';
import { live, patience, withChromium } from './live-page.ts';

const script = '<script>document.title="owned"</script><img src=x onerror="document.title=1">';
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="7">${script.replace('<img src=x onerror="document.title=1">', '')}</svg>`;

const bodies: Readonly<Record<string, readonly [type: string, body: string | Buffer]>> = {
  '/page': ['text/html', `${script}\u202E`],
  '/json': ['application/json', '{"<b>x</b>":{"deep":[1,2]},"id":12345678901234567890}'],
  '/png': ['image/png', Buffer.from(png, 'base64')],
  '/svg': ['image/svg+xml', drawing],
  '/bytes': ['application/octet-stream', Buffer.from('\x00\x01GET\xff', 'latin1')],
  '/long': ['text/plain', 'word '.repeat(20_000)],
};

describe('the details of a call', () => {
  withChromium(
    'show captured markup as text, wherever it stands',
    async () => {
      const { page, send, shows, open, troubles } = await live((_, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.setHeader('X-Evil', script);
        response.setHeader('Set-Cookie', `evil=${script}`);
        response.end(script);
      });
      const path = `/evil?q=${encodeURIComponent('\u202E')}"><img/src=x/onerror=alert(1)>`;
      await send(path, { method: 'POST', headers: ['X-Own', script], body: script });
      await shows([path]);
      await open('/evil');
      for (const tab of ['Response', 'Request', 'Cookies', 'Timings']) {
        await page.getByRole('tab', { name: tab }).click();
        const panel = page.getByRole('tabpanel', { name: tab });
        await panel.locator('.section').first().waitFor();
        if (tab.startsWith('Re')) expect(await panel.textContent()).toContain('document.title=');
      }
      for (const name of ['Text', 'Hex']) {
        await page.getByRole('tab', { name: 'Response' }).click();
        await page.getByRole('button', { name, exact: true }).click();
        await page.getByRole('button', { name, exact: true, pressed: true }).waitFor();
      }
      await page.keyboard.press('o');
      await page.locator('.overview').waitFor();
      await eventually(async () => expect(await page.title()).toBe('(1) pmproxy'));
      expect(await page.locator('.panel img, .call img, .panel script').count()).toBe(0);
      expect(troubles).toEqual([]);
    },
    patience,
  );

  withChromium(
    'show each body in the form that suits it',
    async () => {
      const { page, send, shows, open, troubles } = await live((request, response) => {
        const [type, body] = bodies[request.url ?? ''] ?? ['text/plain', ''];
        response.setHeader('Content-Type', type);
        response.end(body);
      });
      for (const path of Object.keys(bodies)) await send(path);
      await shows(Object.keys(bodies).toReversed());
      const body = page.locator('.panel .body');

      await open('/page');
      await page.locator('pre', { hasText: '<script>' }).waitFor();
      expect(await page.locator('pre .sign').textContent()).toBe('U+202E');

      await open('/json');
      await body.getByText('<b>x</b>').waitFor();
      expect(await body.textContent()).toContain('12345678901234567890');
      await body.locator('summary', { hasText: '<b>x</b>' }).click();
      await body.getByText('1 key').waitFor();
      expect(await body.getByText('deep').count()).toBe(0);
      await page.getByRole('button', { name: 'Text', exact: true }).click();
      await page.locator('pre', { hasText: '{"<b>x</b>":' }).waitFor();

      await open('/png');
      await page.getByText('1 × 1').waitFor();
      await open('/svg');
      await page.getByText('9 × 7').waitFor();
      await open('/bytes');
      await body.getByText('00 01 47 45 54 ff').waitFor();
      await body.getByText('..GET.').waitFor();

      await open('/long');
      await page.getByRole('button', { name: 'Show all 100,000 characters' }).click();
      await eventually(async () =>
        expect((await page.locator('pre').textContent())?.length).toBe(100_000),
      );
      expect(troubles).toEqual([]);
    },
    patience,
  );

  withChromium(
    'tell why a call failed and what went through a WebSocket',
    async () => {
      const { page, proxy, send, shows, open } = await live((_, response) => response.end());
      await send(`http://127.0.0.1:${await deadPort()}/nobody`);
      await shows(['/nobody']);
      const failed = page.locator('.call').first();
      expect(await failed.locator('.status').textContent()).toContain('failed');
      await open('/nobody');
      await page.getByText('There was no answer').waitFor();

      const upstream = await webSocketUpstream((server) =>
        server.on('connection', (socket) => {
          socket.on('message', (data) => socket.send(`echo ${String(data)}`));
        }),
      );
      const tunnel = await openTunnel(proxy.port, upstream.host);
      const client = new WebSocket(`${upstream.url}/chat`, { createConnection: () => tunnel });
      onTestFinished(() => client.terminate());
      await once(client, 'open');
      client.send('{"hello":1}');
      await once(client, 'message');
      client.close(1000, 'done');
      await shows(['/chat', '/nobody']);
      await open('/chat');
      await page.getByRole('tab', { name: 'Messages' }).click();
      const messages = page.getByRole('listbox', { name: 'Messages' });
      await messages.getByText('echo {"hello":1}').waitFor();
      expect(await messages.getByRole('img', { name: 'sent' }).count()).toBeGreaterThan(0);
      await messages.focus();
      await page.keyboard.press('ArrowDown');
      await page.locator('.body pre', { hasText: 'echo' }).waitFor();
    },
    patience,
  );
});
