import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../helpers/eventually.ts';
import { askHead } from '../helpers/http-client.ts';
import { openTunnel } from '../helpers/raw-client.ts';
import { webSocketUpstream } from '../helpers/upstream.ts';
import { live, patience, withChromium } from './live-page.ts';

/** A page, and the open answer of a chat completion, which the test continues. */
async function chatting() {
  let source: ServerResponse | undefined;
  const page = await live((_, response) => {
    source = response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
  });
  const answer = await askHead(page.proxy, `${page.upstream.url}/v1/chat/completions`, {
    method: 'POST',
    body: '{"stream":true}',
  });
  answer.resume();
  const write = (content: string) =>
    source?.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
  return { ...page, write, end: () => source?.end('data: [DONE]\n\n') };
}

describe('streams on the page of a running client', () => {
  withChromium(
    'a chat completion is shown while it runs, with its text put together, and stays open when it has ended',
    async () => {
      const { page, open, shows, write, end, troubles } = await chatting();
      await shows(['/v1/chat/completions']);
      const row = page.locator('.call').first();
      await row.locator('.running').waitFor();
      await open('/completions');
      for (const word of ['Hello', ' there', ', friend.']) write(word);
      const text = page.getByRole('complementary', { name: 'Assembled text' });
      await text.getByText('Hello there, friend.').waitFor();
      const events = page.getByRole('listbox', { name: 'Events' });
      await events.getByText('" there"').waitFor();
      await eventually(async () =>
        expect(await row.locator('.size').textContent()).toBe('3 events'),
      );
      const shots = process.env['PMPROXY_SHOTS'];
      if (shots) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.screenshot({ path: `${shots}/chat-${colorScheme}.png` });
        }
      }
      end();
      await row.locator('.running').waitFor({ state: 'detached' });
      await text.getByText('Hello there, friend.').waitFor();
      await events.getByText('[DONE]').waitFor();
      await page.getByRole('button', { name: 'Export HAR' }).waitFor();
      expect(troubles).toEqual([]);
    },
    patience,
  );

  withChromium(
    'messages of GraphQL subscriptions are named by their operation while the WebSocket is open',
    async () => {
      const { page, proxy, shows, open, troubles } = await live((_, response) => response.end());
      const upstream = await webSocketUpstream(
        (server) =>
          server.on('connection', (socket) => {
            socket.on('message', (data) => {
              const { type, id } = JSON.parse(String(data));
              if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
              else
                socket.send(JSON.stringify({ id, type: 'next', payload: { data: { price: 7 } } }));
            });
          }),
        { handleProtocols: () => 'graphql-transport-ws' },
      );
      const tunnel = await openTunnel(proxy.port, upstream.host);
      const client = new WebSocket(`${upstream.url}/graphql`, 'graphql-transport-ws', {
        createConnection: () => tunnel,
      });
      onTestFinished(() => client.terminate());
      await once(client, 'open');
      client.send('{"type":"connection_init"}');
      const query = 'subscription OnPrice { price }';
      client.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      await shows(['/graphql']);
      await open('/graphql');
      const messages = page.getByRole('listbox', { name: 'Messages' });
      await messages.getByText('subscribe OnPrice', { exact: true }).waitFor();
      await messages.getByText('next OnPrice', { exact: true }).waitFor();
      client.close();
      await page.locator('.running').first().waitFor({ state: 'detached' });
      await messages.getByText('next OnPrice', { exact: true }).waitFor();
      expect(troubles).toEqual([]);
    },
    patience,
  );
});
