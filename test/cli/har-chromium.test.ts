import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { responseOf } from '../../src/exchange.ts';
import { openAuthority } from '../../src/proxy/authority.ts';
import { newPlace, startSave } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { newFolder } from '../helpers/folder.ts';
import { harComplaints } from '../helpers/har.ts';
import { open } from '../helpers/inputs.ts';
import { httpUpstream, type Upstream } from '../helpers/upstream.ts';

const program = '/usr/bin/chromium';
const withChromium = testWith(program, '--version');

/** A browser and a program start; on a busy machine that takes its time. */
const patience = 120_000;

/** A page with a style sheet, a picture and a script that asks for JSON and posts some. */
const site: Readonly<Record<string, readonly [type: string, body: string | Buffer]>> = {
  '/': [
    'text/html; charset=utf-8',
    '<!doctype html><title>Café</title><link rel="stylesheet" href="/style.css"><img src="/dot.png"><p id="out"></p><script src="/app.js"></script>',
  ],
  '/style.css': ['text/css', 'p { color: rgb(1, 2, 3) }'],
  '/dot.png': [
    'image/png',
    Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR42mNk+M9QzwAEjAwAFwYCAV1iRXcAAAAASUVORK5CYII=',
      'base64',
    ),
  ],
  '/app.js': [
    'text/javascript',
    `const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"n":1}' };
    Promise.all([fetch('/items?page=1'), fetch('/items', post)])
      .then((answers) => Promise.all(answers.map((answer) => answer.json())))
      .then((found) => { document.querySelector('#out').textContent = JSON.stringify(found); });`,
  ],
  '/items?page=1': ['application/json', '{"items":["ü"]}'],
  '/items': ['application/json', '{"added":1}'],
};

const startSite = () =>
  httpUpstream((request, response) => {
    const [type, body] = site[request.url ?? ''] ?? ['text/plain', 'nothing here'];
    response.setHeader('Content-Type', type);
    response.statusCode = site[request.url ?? ''] === undefined ? 404 : 200;
    response.end(body);
  });

async function browser(args: readonly string[], options: object = {}): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(await newFolder(), {
    executablePath: program,
    timeout: patience,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...args,
    ],
    ...options,
  });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(patience);
  return context;
}

/** What somebody sees who opens the page. */
async function visit(context: BrowserContext, { url }: Upstream) {
  const page: Page = await context.newPage();
  await page.goto(`${url}/`);
  await page.waitForFunction('document.querySelector("#out")?.textContent');
  return page.evaluate(`({
    title: document.title,
    out: document.querySelector('#out').textContent,
    color: getComputedStyle(document.querySelector('p')).color,
    picture: document.querySelector('img').naturalWidth,
  })`);
}

const seen = {
  title: 'Café',
  out: '[{"items":["ü"]},{"added":1}]',
  color: 'rgb(1, 2, 3)',
  picture: 2,
};

withChromium(
  'a site that was recorded is shown by Playwright from the file, without a network',
  { timeout: patience },
  async () => {
    const upstream = await startSite();
    const place = await newPlace();
    const save = await startSave(place, ['-o', 'site.har', '--no-upstream']);
    const { spkiFingerprint } = await openAuthority(place.home);
    const recorded = await browser([
      ...[`--proxy-server=${save.proxy}`, '--proxy-bypass-list=<-loopback>'],
      `--ignore-certificate-errors-spki-list=${spkiFingerprint}`,
    ]);
    expect(await visit(recorded, upstream)).toEqual(seen);
    await recorded.close();
    const { code, stderr } = await save.end('SIGINT');
    expect(code, stderr).toBe(0);
    await upstream.close();

    expect(harComplaints(await place.json('site.har'))).toBeNull();
    const offline = await browser(['--host-resolver-rules=MAP * ~NOTFOUND']);
    await offline.setOffline(true);
    await offline.routeFromHAR(place.path('site.har'), { notFound: 'abort' });
    expect(await visit(offline, upstream)).toEqual(seen);
  },
);

withChromium.each([
  ['embed', 'visit.har'],
  ['attach', 'visit.har'],
  ['attach', 'visit.zip'],
] as const)(
  'the HAR file that Playwright writes (%s, %s) can be read',
  { timeout: patience },
  async (content, name) => {
    const upstream = await startSite();
    const path = join(await newFolder(), name);
    const context = await browser([], { recordHar: { path, content } });
    expect(await visit(context, upstream)).toEqual(seen);
    await context.close();

    const input = await open(path);
    expect(input.size).toBeGreaterThanOrEqual(Object.keys(site).length);
    const answers = new Map<string, string>();
    for await (const { request, outcome } of input.read()) {
      const bytes = Buffer.from((await responseOf(outcome)?.body?.bytes()) ?? []);
      const target = request.url.replace(upstream.url, '');
      answers.set(`${request.method} ${target}`, bytes.toString('base64'));
      if (request.method === 'POST')
        expect(Buffer.from((await request.body?.bytes()) ?? []).toString()).toBe('{"n":1}');
    }
    for (const [target, [, body]] of Object.entries(site))
      expect(answers.get(`${target === '/items' ? 'POST' : 'GET'} ${target}`)).toBe(
        Buffer.from(body).toString('base64'),
      );
  },
);
