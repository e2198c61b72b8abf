import { rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import {
  type ListeningCli,
  newPlace,
  type Place,
  startCli,
  startListening,
} from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Ask, ask } from '../helpers/http-client.ts';
import { httpUpstream, type Upstream } from '../helpers/upstream.ts';

const program = '/usr/bin/chromium';

/** A `test` with a browser. */
export const withChromium = testWith(program, '--version');

/** A browser, two programs and a server start; on a busy machine that takes its time. */
export const patience = 120_000;

let browser: Promise<Browser> | undefined;

function theBrowser(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: program,
    timeout: patience,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  return browser;
}

afterAll(async () => {
  await (await browser)?.close();
});

/** What `pmproxy client` says when it listens. */
export type ReadyClient = {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly capture: string;
  readonly token: string;
};

/** Starts `pmproxy client`, with a history that outlives it and a port that stays the same. */
export async function startClient(place: Place, args: readonly string[] = ['--port', '0']) {
  const ready = ['--ready-file', place.path('client.json')];
  // One that a killed client left would be believed.
  await rm(place.path('client.json'), { force: true });
  const kept = ['--history', place.path('history'), '--collections', place.path('collections')];
  const cli = startCli(place, ['client', ...ready, ...kept, ...args]);
  const client = await eventually(() => place.json<ReadyClient>('client.json'));
  return { cli, client };
}

/** The parts of a page that tests look at and press. */
export type LivePage = {
  readonly page: Page;
  /** What went wrong in it: errors, refusals of the Content-Security-Policy. */
  readonly troubles: string[];
  /** Waits until the list shows these paths, from the top. */
  shows(paths: readonly string[]): Promise<void>;
  /** Opens the details of the call with this path, and waits until they are there. */
  open(path: string): Promise<void>;
  /** Waits until the history holds so many calls, of which so many pass the filter. */
  counts(passing: number, all: number): Promise<void>;
};

/** Opens the page of a client in a browser of its own. */
export async function openPage(
  url: string,
  options: BrowserContextOptions = {},
): Promise<LivePage> {
  const context = await (await theBrowser()).newContext(options);
  onTestFinished(() => context.close());
  context.setDefaultTimeout(40_000);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  return {
    page,
    troubles,
    shows: (paths) =>
      eventually(async () => {
        const shown = await page.locator('.call .path').allTextContents();
        expect(shown.slice(0, Math.max(paths.length, 1))).toEqual(paths);
      }),
    async open(path) {
      await page.locator('.call', { hasText: path }).first().locator('.target').click();
      await page.locator('.detail .url', { hasText: path }).waitFor();
      await page.locator('.detail .panel[aria-busy=false]').waitFor();
    },
    async counts(passing, all) {
      const calls = `${all} ${all === 1 ? 'call' : 'calls'},`;
      const text = passing === all ? calls : `${passing} of ${calls}`;
      await page.locator('.status-bar .counts', { hasText: new RegExp(`^${text}`) }).waitFor();
    },
  };
}

/** A server, `pmproxy sync` before it, `pmproxy client` that it pushes to, and the client's page. */
export type Live = LivePage & {
  readonly place: Place;
  readonly upstream: Upstream;
  readonly client: ReadyClient;
  readonly clientCli: ReturnType<typeof startCli>;
  readonly proxy: ListeningCli;
  /** Sends a request through the proxy. */
  send(path: string, options?: Ask): Promise<void>;
};

/** Starts all of it; it is gone when the test is over. */
export async function live(
  handler: RequestListener,
  options: BrowserContextOptions = {},
): Promise<Live> {
  const [place, syncPlace, upstream] = await Promise.all([
    newPlace(),
    newPlace(),
    httpUpstream(handler),
  ]);
  const { cli: clientCli, client } = await startClient(place);
  const [proxy, live] = await Promise.all([
    startListening(syncPlace, [
      ...['sync', '--no-upstream', '--name', 'shop tests'],
      ...['--client', client.capture, '--token', client.token],
    ]),
    openPage(client.url, options),
  ]);
  const send = async (path: string, request?: Ask) => {
    // Absolute URLs are passed on unchanged, and so are invalid ones.
    await ask(proxy, /^\w+:/.test(path) ? path : `${upstream.url}${path}`, request);
  };
  return { ...live, place, upstream, client, clientCli, proxy, send };
}

/** Answers with JSON that names the path. */
export const answerJson: RequestListener = (request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ path: request.url }));
};
