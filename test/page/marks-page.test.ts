import { writeFile } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { newPlace, runCli, startListening } from '../helpers/cli.ts';
import { exchange } from '../helpers/exchanges.ts';
import { renderAs } from '../helpers/har.ts';
import { ask } from '../helpers/http-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';
import { openPage, patience, startClient, withChromium } from './live-page.ts';

/** A server whose `/users/3` has changed since the recording was made, and the recording. */
async function changedServer() {
  const upstream = await httpUpstream((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ id: request.url === '/users/3' ? '3' : 1, path: 'x' }));
  });
  const place = await newPlace();
  const recorded = ['/users/1', '/users/3', '/orders?page=1'].map((path) =>
    exchange({
      url: upstream.url + path,
      response: {
        headers: [['Content-Type', 'application/json']],
        body: JSON.stringify({ id: 1, path: 'x' }),
      },
    }),
  );
  await writeFile(place.path('old.har'), await renderAs('har', recorded));
  return { upstream, place };
}

describe('the page of a client that compares calls', () => {
  withChromium(
    'marks calls in the list, filters by marks, and shows what differs in the details',
    async () => {
      const { upstream, place } = await changedServer();
      const compared = ['--mock', 'old.har', '--check', 'old.har'];
      const { client } = await startClient(place, ['--port', '0', ...compared]);
      const proxy = await startListening(await newPlace(), [
        ...['sync', '--no-upstream', '--client', client.capture, '--token', client.token],
      ]);
      const { page, shows, open, troubles } = await openPage(client.url);
      const filters = page.getByRole('group', { name: 'Compared with the recording' });
      expect(await filters.count()).toBe(0);
      for (const path of ['/users/1', '/orders?page=2', '/users/3'])
        await ask(proxy, upstream.url + path);
      await shows(['/users/3', '/orders?page=2', '/users/1']);
      const status = (path: string) => page.locator('.call', { hasText: path }).locator('.status');
      expect(await status('/users/1').textContent()).toBe('200answered');
      expect(await status('/orders').textContent()).toBe('200missed');
      expect(await status('/users/3').textContent()).toBe('200answereddiffers');

      await open('/users/3');
      const marks = page.getByRole('list', { name: 'Compared with the recording' });
      await marks.getByText('response 200 $.id: number, now string', { exact: true }).waitFor();
      await marks.getByText('The recording answers this call.').waitFor();
      await open('/orders');
      await marks.getByText('Nearest: GET').waitFor();
      expect(await marks.textContent()).toContain(
        'Different: query page: recorded "1", asked "2".',
      );

      await filters.getByText('missed').click();
      await shows(['/orders?page=2']);
      await filters.getByText('differs').click();
      await shows(['/users/3', '/orders?page=2']);
      await filters.getByText('missed').click();
      await filters.getByText('differs').click();
      await page.keyboard.press('o');
      await page.getByRole('button', { name: 'answered: 2 calls of 3' }).click();
      await shows(['/users/3', '/users/1']);
      expect(troubles).toEqual([]);
    },
    patience,
  );

  withChromium(
    'shows no marks, and nothing to filter by them, where nothing is compared',
    async () => {
      const { upstream, place } = await changedServer();
      const { client } = await startClient(place);
      const proxy = await startListening(await newPlace(), [
        ...['sync', '--no-upstream', '--client', client.capture, '--token', client.token],
      ]);
      const { page, shows, open } = await openPage(client.url);
      await ask(proxy, `${upstream.url}/users/1`);
      await shows(['/users/1']);
      await open('/users/1');
      expect(await page.locator('.mark-sign, .call-marks, .marks-missed').count()).toBe(0);
    },
    patience,
  );

  withChromium(
    'shows the calls of mock and of save --check with their marks, on a narrow screen too',
    async () => {
      const { upstream, place } = await changedServer();
      const { client } = await startClient(place);
      const shown = ['--client', client.capture, '--token', client.token];
      const { page, shows, open, troubles } = await openPage(client.url, {
        viewport: { width: 420, height: 800 },
      });
      const asking = (path: string) => ['--', 'curl', '-sS', upstream.url + path];
      const missed = await runCli(place, ['mock', 'old.har', ...shown, ...asking('/nowhere')]);
      expect(missed.code).toBe(4);
      await shows(['/nowhere']);
      await open('/nowhere');
      await page.locator('.call-marks').getByText('was not recorded').waitFor();
      await page.getByRole('button', { name: 'Back' }).click();
      const check = ['save', '--check', 'old.har', ...shown, ...asking('/users/3')];
      expect((await runCli(place, check)).code).toBe(4);
      await shows(['/users/3', '/nowhere']);
      const first = page.locator('.call').first();
      expect(await first.locator('.status').textContent()).toBe('200differs');
      expect(await first.locator('.mark-sign').boundingBox()).toMatchObject({ width: 14 });
      expect(troubles).toEqual([]);
    },
    patience,
  );
});
