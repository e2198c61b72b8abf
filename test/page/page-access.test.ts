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

/** Presses keys and buttons in a page, faster than it draws: all that is done happens between two pictures. */
const AT_ONCE = `
  const drawn = async () => { for (let at = 0; at < 5; at += 1) await null; };
  const pictures = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const press = (key) => {
    const press = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(press);
    return drawn();
  };
  const click = (selector) => {
    document.querySelector(selector).click();
    return drawn();
  };
  const focused = () => document.activeElement.id || document.activeElement.textContent;
`;

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
      await eventually(async () => expect(await splitter.getAttribute('aria-valuenow')).toBe('45'));
      await page.keyboard.press('Escape');
      await page.locator('.detail').waitFor({ state: 'detached' });
      await eventually(async () => expect(await focused(page)).toBe('/b'));

      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Shift+Space');
      await page.getByText('2 ticked').waitFor();

      await page.keyboard.press('/');
      await page.keyboard.type('cpj?');
      const filter = page.getByRole('textbox', { name: 'Filter by URL' });
      await eventually(async () => expect(await filter.inputValue()).toBe('cpj?'));
      await filter.fill('');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys and filters' }).waitFor();
      await page.keyboard.press('Escape');
      // Not there any more, which is later than not to be seen: keys are for the page again.
      await page.locator('dialog').waitFor({ state: 'detached' });

      await page.keyboard.press('o');
      const bars = page.getByRole('group', { name: 'Calls over time' });
      await bars.getByRole('button').first().focus();
      await page.keyboard.press('Enter');
      const span = page.getByRole('button', { name: /^Do not filter by / });
      await span.waitFor();
      await page.keyboard.press('Enter');
      await span.waitFor({ state: 'detached' });
      const methods = page.getByRole('list', { name: 'Methods' });
      await methods.getByRole('button', { name: 'GET: 3 calls of 3' }).press('Enter');
      const chips = page.getByRole('group', { name: 'Methods' });
      await chips.getByRole('button', { name: 'GET', pressed: true }).waitFor();
    },
    patience,
  );

  withChromium(
    'is never a picture late with the keyboard, or with what it says',
    async () => {
      const { page, send, shows, open } = await live(answerJson);
      for (const path of ['/a', '/b']) await send(path);
      await shows(['/b', '/a']);
      await open('/b');
      const found = await page.evaluate(`(async () => {
        ${AT_ONCE}
        const found = {};
        await press('j');
        found.row = focused();
        found.url = document.querySelector('.detail .url').textContent.replace(/.*\\//, '/');
        await press('/');
        await pictures();
        found.filter = focused();
        await press('Escape');
        found.list = focused();
        await click('.toolbar [title="Delete all calls"]');
        found.answer = focused();
        await click('.keep');
        found.questions = document.querySelectorAll('[role=alertdialog]').length;
        await press('?');
        await click('dialog [title=Close]');
        await press('?');
        await pictures();
        found.dialogs = document.querySelectorAll('dialog[open]').length;
        return found;
      })()`);
      expect(found).toEqual({
        row: 'call-1',
        url: '/a',
        filter: 'filter-box',
        list: 'call-1',
        answer: 'Keep',
        questions: 0,
        dialogs: 1,
      });
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
      await page.locator('.overview').waitFor();
      await page.locator('.call .tick').first().click();
      await open('/a');
      expect(await nameless(page)).toEqual([]);
      for (const tab of ['Request', 'Cookies', 'Timings']) {
        await page.getByRole('tab', { name: tab }).click();
        await page.getByRole('tabpanel', { name: tab }).waitFor();
        expect(await nameless(page), tab).toEqual([]);
      }
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      expect(await nameless(page)).toEqual([]);
    },
    patience,
  );

  withChromium(
    'fits 360 pixels in whatever it shows',
    async () => {
      const { page, send, open } = await live(answerJson, {
        viewport: { width: 360, height: 640 },
      });
      expect(await overhang(page)).toBe(0);
      const long = `/${'segment/'.repeat(40)}end?${'q'.repeat(300)}`;
      await send(long, { headers: ['X-Long', 'x'.repeat(500)] });
      await page.locator('.call').waitFor();
      expect(await overhang(page)).toBe(0);
      await page.getByRole('button', { name: 'Filters' }).click();
      await page.getByRole('button', { name: 'Filters', pressed: true }).waitFor();
      expect(await overhang(page)).toBe(0);
      await page.getByRole('button', { name: 'Filters' }).click();
      await page.keyboard.press('o');
      await page.locator('.overview').waitFor();
      expect(await overhang(page)).toBe(0);
      await page.keyboard.press('o');
      await page.locator('.call .tick').click();
      await page.getByText('1 ticked').waitFor();
      expect(await overhang(page)).toBe(0);
      await open('/segment/');
      for (const tab of ['Response', 'Request', 'Cookies', 'Timings']) {
        await page.getByRole('tab', { name: tab }).click();
        await page.getByRole('tabpanel', { name: tab }).waitFor();
        expect(await overhang(page), tab).toBe(0);
        const panel = page.locator('.panel');
        const sticksOut = await panel.evaluate((one) => one.scrollWidth - one.clientWidth);
        expect(sticksOut, tab).toBe(0);
      }
      await page.getByRole('button', { name: 'Back' }).click();
      await page.locator('.detail').waitFor({ state: 'detached' });
      await eventually(async () => expect(await focused(page)).toContain('/segment/'));
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      expect(await overhang(page)).toBe(0);
    },
    patience,
  );
});
