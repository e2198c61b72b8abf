// Opens /<client> at each URL of URLS with a Chromium that Playwright starts.
import { chromium } from 'playwright-core';
import { each } from './each.js';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const page = await browser.newPage();
await each({ chromium: (url) => page.goto(url) });
await browser.close();
