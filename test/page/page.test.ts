import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import { type Collection, itemsIn } from '../helpers/collections.ts';
import { eventually } from '../helpers/eventually.ts';
import { runCollection } from '../helpers/runners.ts';
import { answerJson, live, openPage, patience, startClient, withChromium } from './live-page.ts';

describe('the page of a running client', () => {
  withChromium(
    'fills with calls as they come, newest first, and hides what the filter does not let through',
    async () => {
      const { page, send, shows, counts, troubles } = await live((request, response) => {
        response.statusCode = request.url === '/missing' ? 404 : 200;
        answerJson(request, response);
      });
      await page.getByRole('heading', { name: 'No calls yet' }).waitFor();
      await send('/books');
      await shows(['/books']);
      await send('/missing', { method: 'POST', body: '{}' });
      await send('/books/7');
      await shows(['/books/7', '/missing', '/books']);
      const first = page.locator('.call').first();
      expect(await first.locator('.method').textContent()).toBe('GET');
      expect(await first.locator('.status').textContent()).toBe('200');
      expect(await first.locator('.size').textContent()).toBe('19 B');
      await eventually(async () => expect(await page.title()).toBe('(3) pmproxy'));

      const filter = page.getByRole('textbox', { name: 'Filter by URL' });
      await filter.fill('books -/7');
      await shows(['/books']);
      await counts(1, 3);
      await send('/books/8');
      await send('/other');
      await counts(2, 5);
      await shows(['/books/8', '/books']);
      await page.getByRole('button', { name: 'Clear the filter' }).click();
      await page.getByRole('group', { name: 'Status' }).getByText('4xx').click();
      await shows(['/missing']);
      await page.getByRole('group', { name: 'Methods' }).getByText('GET', { exact: true }).click();
      await page.getByRole('heading', { name: 'No call matches' }).waitFor();
      expect(troubles).toEqual([]);
    },
    patience,
  );

  withChromium(
    'holds calls after Disconnect and shows them in order after Connect',
    async () => {
      const { page, send, shows } = await live(answerJson);
      await send('/before');
      await shows(['/before']);
      await page.getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('button', { name: 'Connect', exact: true }).waitFor();
      const held = Array.from({ length: 10 }, (_, at) => `/held/${at}`);
      for (const path of held) await send(path);
      await shows(['/before']);
      await page.keyboard.press('c');
      await shows([...held.toReversed(), '/before']);
    },
    patience,
  );

  withChromium(
    'fills the collection that is the target, which newman runs',
    async () => {
      const { page, send, place, upstream } = await live(answerJson);
      await page.getByLabel('Target').selectOption('New collection…');
      await page.getByRole('combobox', { name: 'Collection' }).fill('../shop');
      await page.getByRole('button', { name: 'Add from now on' }).click();
      await page.getByText('It cannot begin with a dot.').waitFor();
      await page.getByRole('combobox', { name: 'Collection' }).fill('shop');
      await page.getByRole('button', { name: 'Add from now on' }).click();
      await page.getByText('Writing to “shop”').waitFor();
      await send('/books');
      await send('/books', { method: 'POST', body: '{"title":"x"}' });
      const file = join(place.path('collections'), 'shop.postman_collection.json');
      await eventually(async () => {
        const items = itemsIn(JSON.parse(await readFile(file, 'utf8')) as Collection);
        expect(items.map(({ request }) => request.method)).toEqual(['GET', 'POST']);
      });
      const before = upstream.connections;
      await runCollection('newman', file);
      expect(upstream.connections).toBeGreaterThan(before);
      await page.getByLabel('Target').selectOption('History only');
      await page.locator('.writing').waitFor({ state: 'detached' });
    },
    patience,
  );

  withChromium(
    'shows the same history to a second page, and to both that it was cleared',
    async () => {
      const { page, client, send, shows } = await live(answerJson);
      await send('/one');
      await send('/two');
      await shows(['/two', '/one']);
      const second = await openPage(client.url);
      await second.shows(['/two', '/one']);
      await send('/three');
      await shows(['/three', '/two', '/one']);
      await second.shows(['/three', '/two', '/one']);

      await page.getByRole('button', { name: 'Clear', exact: true }).click();
      const question = page.getByRole('alertdialog', { name: 'Clear the history' });
      // Enter gives the harmless answer.
      await page.keyboard.press('Enter');
      await question.waitFor({ state: 'detached' });
      await shows(['/three', '/two', '/one']);
      await page.getByRole('button', { name: 'Clear', exact: true }).click();
      await question.getByRole('button', { name: 'Clear' }).click();
      await shows([]);
      await second.shows([]);
      await send('/after');
      await shows(['/after']);
      await second.shows(['/after']);
    },
    patience,
  );

  withChromium(
    'comes back when the client was killed and started again, and has lost nothing',
    async () => {
      const { page, client, clientCli, place, send, shows } = await live(answerJson);
      await send('/one');
      await shows(['/one']);
      await clientCli.end('SIGKILL');
      await page.getByText('No connection to pmproxy.').waitFor();
      await send('/meanwhile');
      const same = ['--port', String(client.port), '--token', client.token];
      await startClient(place, same);
      await shows(['/meanwhile', '/one']);
      await page.getByText('Live', { exact: true }).waitFor();
      await page.locator('.banner').waitFor({ state: 'detached' });
    },
    patience,
  );

  withChromium(
    'stops while it is paused or the reader has scrolled away, and says how many calls wait',
    async () => {
      const { page, send, shows } = await live(answerJson, {
        viewport: { width: 1000, height: 500 },
      });
      const paths = Array.from({ length: 30 }, (_, at) => `/${at}`);
      for (const path of paths) await send(path);
      await shows(['/29', '/28']);
      await page.keyboard.press('p');
      await send('/paused');
      await page.getByText('1 new call to be shown').waitFor();
      await shows(['/29']);
      await page.getByRole('button', { name: 'Go on' }).first().click();
      await shows(['/paused', '/29']);

      const list = page.locator('.calls');
      await list.evaluate((element) => element.scrollTo({ top: 280 }));
      const seen = () => page.locator('.call', { hasText: '/15' }).boundingBox();
      await eventually(async () => expect(await seen()).not.toBeNull());
      const before = await seen();
      await send('/later');
      await page.getByRole('button', { name: '1 new' }).waitFor();
      expect(await seen()).toEqual(before);
      await page.getByRole('button', { name: '1 new' }).click();
      await shows(['/later', '/paused']);
    },
    patience,
  );

  withChromium(
    'asks the proxies to send only what passes the filter, when told to',
    async () => {
      const { page, send, shows, counts } = await live(answerJson);
      const only = page.getByRole('switch', { name: 'Receive only these' });
      await only.click();
      await page.getByText('Set a filter first').waitFor();
      await page.getByRole('textbox', { name: 'Filter by URL' }).fill('books');
      await only.click();
      await eventually(async () => expect(await only.isChecked()).toBe(true));
      await send('/hidden');
      await send('/books');
      await shows(['/books']);
      await page.getByRole('button', { name: 'Clear the filter' }).click();
      await eventually(async () => expect(await only.isChecked()).toBe(false));
      await send('/seen');
      await shows(['/seen', '/books']);
      await counts(2, 2);
    },
    patience,
  );

  withChromium(
    'saves ticked calls to a collection, exports them and copies them as curl',
    async () => {
      const { page, place, send, shows, client } = await live(answerJson);
      for (const path of ['/a', '/b', '/c', '/d']) await send(path);
      await shows(['/d', '/c', '/b', '/a']);
      const ticks = page.locator('.call .tick');
      await ticks.nth(0).click();
      await ticks.nth(2).click({ modifiers: ['Shift'] });
      await page.getByText('3 ticked').waitFor();
      const checked = page.locator('.call input:checked');
      await eventually(async () => expect(await checked.count()).toBe(3));

      const { origin } = new URL(client.url);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
      await page.getByRole('button', { name: 'Copy as curl' }).click();
      await page.getByText('3 calls copied as curl').waitFor();
      const script = String(await page.evaluate('navigator.clipboard.readText()'));
      expect([...new Set(script.match(/\/[a-d]\b/g))]).toEqual(['/b', '/c', '/d']);

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export HAR' }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^pmproxy-.*\.har$/);
      const har = JSON.parse(await readFile(await download.path(), 'utf8'));
      expect(har.log.entries).toHaveLength(3);

      await page.getByRole('button', { name: 'Save to collection…' }).click();
      await page.getByRole('combobox', { name: 'Collection' }).fill('chosen');
      await page.keyboard.press('Enter');
      await page.getByText('3 calls added to “chosen”').waitFor();
      await page.getByText('3 ticked').waitFor({ state: 'detached' });
      await eventually(async () => expect(await checked.count()).toBe(0));
      const file = join(place.path('collections'), 'chosen.postman_collection.json');
      expect(await readFile(file, 'utf8')).toContain('/c');

      await page.getByRole('checkbox', { name: 'Select all calls that are shown' }).click();
      await page.getByText('4 ticked').waitFor();
    },
    patience,
  );
});

describe('screenshots', () => {
  withChromium(
    'in light and dark, wide and 360 pixels, are written for a person to look at',
    async () => {
      const folder = process.env['PMPROXY_SCREENSHOTS'] ?? 'coverage/screenshots';
      await mkdir(folder, { recursive: true });
      const { client, send, shows } = await live((request, response) => {
        response.statusCode = request.url?.startsWith('/missing') ? 404 : 200;
        answerJson(request, response);
      });
      for (const path of ['/books?page=1', '/missing', '/books/7']) await send(path);
      await shows(['/books/7', '/missing', '/books?page=1']);
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const [name, width] of [
          ['wide', 1280],
          ['narrow', 360],
        ] as const) {
          const { page, open, shows } = await openPage(client.url, {
            colorScheme,
            viewport: { width, height: 800 },
          });
          await shows(['/books/7']);
          const shoot = async (what: string) => {
            const path = join(folder, `${what}-${name}-${colorScheme}.png`);
            const picture = await page.screenshot({ path });
            expect(picture.length).toBeGreaterThan(5000);
          };
          await shoot('list');
          await page.keyboard.press('o');
          await shoot('overview');
          await page.keyboard.press('o');
          await open('/books/7');
          await shoot('details');
          onTestFinished(() => page.close());
        }
      }
    },
    // Four pages, one after the other.
    2 * patience,
  );
});
