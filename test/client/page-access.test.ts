import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { answerJson, live, patience, withChromium } from './live-page.ts';

/** How far the page and each of its parts that are in view stick out to the right, in pixels. */
function overhang(page: Page): Promise<number> {
  return page.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
}

/** Buttons, fields and the like whose name a screen reader would not know, and ids that are there twice. */
async function nameless(page: Page): Promise<string[]> {
  const snapshot = await page.locator('body').ariaSnapshot();
  const unnamed = snapshot
    .split('\n')
    .filter((line) =>
      /^\s*- (button|checkbox|switch|textbox|combobox|tab|link|grid|img|dialog)\b(?! ")/.test(line),
    );
  const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id));
  return [...unnamed, ...ids.filter((id, at) => ids.indexOf(id) !== at)];
}

/** The path of the call that has the focus. */
function focused(page: Page): Promise<string | null> {
  return page.locator('.call:focus .path').textContent();
}

describe('the page', () => {
  withChromium(
    'is walked through with the keyboard alone',
    async () => {
      const { page, send, shows } = await live(answerJson);
      for (const path of ['/a', '/b', '/c']) await send(path);
      await shows(['/c', '/b', '/a']);

      await page.keyboard.press('j');
      await eventually(async () => expect(await focused(page)).toBe('/c'));
      await page.keyboard.press('j');
      await page.keyboard.press('ArrowDown');
      await eventually(async () => expect(await focused(page)).toBe('/a'));
      await page.keyboard.press('Home');
      await eventually(async () => expect(await focused(page)).toBe('/c'));
      await page.keyboard.press('Enter');
      await page.locator('.detail .url', { hasText: '/c' }).waitFor();
      await page.keyboard.press('j');
      await page.locator('.detail .url', { hasText: '/b' }).waitFor();
      const splitter = page.getByRole('separator', { name: 'Width of the list' });
      await splitter.press('ArrowLeft');
      expect(await splitter.getAttribute('aria-valuenow')).toBe('45');
      await page.keyboard.press('Escape');
      expect(await page.locator('.detail').count()).toBe(0);
      await eventually(async () => expect(await focused(page)).toBe('/b'));

      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Shift+Space');
      await page.getByText('2 ticked').waitFor();

      await page.keyboard.press('/');
      await page.keyboard.type('cpj?');
      const filter = page.getByRole('textbox', { name: 'Filter by URL' });
      expect(await filter.inputValue()).toBe('cpj?');
      await filter.fill('');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys and filters' }).waitFor();
      await page.keyboard.press('Escape');
      await eventually(async () => expect(await page.getByRole('dialog').count()).toBe(0));

      await page.keyboard.press('o');
      const bars = page.getByRole('group', { name: 'Calls over time' });
      await bars.getByRole('button').first().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: /^Do not filter by / }).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('group', { name: 'Methods' }).waitFor();
      const methods = page.getByRole('list', { name: 'Methods' });
      await methods.getByRole('button', { name: 'GET: 3 calls of 3' }).press('Enter');
      const chip = page
        .getByRole('group', { name: 'Methods' })
        .getByRole('button', { name: 'GET' });
      expect(await chip.getAttribute('aria-pressed')).toBe('true');
    },
    patience,
  );

  withChromium(
    'tells a screen reader what everything is, and how long the list is',
    async () => {
      const { page, send, shows, open } = await live(answerJson);
      await send('/a');
      await send('/b');
      await shows(['/b', '/a']);
      expect(await nameless(page)).toEqual([]);
      const grid = page.getByRole('grid', { name: 'Calls, newest first' });
      expect(await grid.getAttribute('aria-rowcount')).toBe('3');
      const row = grid.getByRole('row', { name: /\/a/ });
      expect(await row.getAttribute('aria-rowindex')).toBe('3');
      await page.keyboard.press('o');
      await page.locator('.call .tick').first().click();
      await open('/a');
      expect(await nameless(page)).toEqual([]);
      for (const tab of ['Request', 'Cookies', 'Timings']) {
        await page.getByRole('tab', { name: tab }).click();
        expect(await nameless(page), tab).toEqual([]);
      }
      await page.keyboard.press('?');
      expect(await nameless(page)).toEqual([]);
    },
    patience,
  );

  withChromium(
    'fits 360 pixels in whatever it shows',
    async () => {
      const { page, send } = await live(answerJson, { viewport: { width: 360, height: 640 } });
      expect(await overhang(page)).toBe(0);
      const long = `/${'segment/'.repeat(40)}end?${'q'.repeat(300)}`;
      await send(long, { headers: ['X-Long', 'x'.repeat(500)] });
      await eventually(async () => expect(await page.locator('.call').count()).toBe(1));
      expect(await overhang(page)).toBe(0);
      await page.getByRole('button', { name: 'Filters' }).click();
      expect(await overhang(page)).toBe(0);
      await page.getByRole('button', { name: 'Filters' }).click();
      await page.keyboard.press('o');
      await page.locator('.overview').waitFor();
      expect(await overhang(page)).toBe(0);
      await page.keyboard.press('o');
      await page.locator('.call .tick').click();
      await page.getByText('1 ticked').waitFor();
      expect(await overhang(page)).toBe(0);
      await page.locator('.call .path').click();
      for (const tab of ['Response', 'Request', 'Cookies', 'Timings']) {
        await page.getByRole('tab', { name: tab }).click();
        expect(await overhang(page), tab).toBe(0);
        const panel = page.locator('.panel');
        const sticksOut = await panel.evaluate((one) => one.scrollWidth - one.clientWidth);
        expect(sticksOut, tab).toBe(0);
      }
      await page.getByRole('button', { name: 'Back' }).click();
      expect(await page.locator('.detail').count()).toBe(0);
      await page.keyboard.press('?');
      expect(await overhang(page)).toBe(0);
    },
    patience,
  );
});
