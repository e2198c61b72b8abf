import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page, type Worker } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { HarEntry } from '../../src/har/types.ts';
import { interceptorId } from '../../src/sync/wire/interceptor.ts';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { newFolder } from '../helpers/folder.ts';
import type { Reachable } from '../helpers/running-client.ts';

const program = '/usr/bin/chromium';
const extension = fileURLToPath(new URL('../../dist/interceptor', import.meta.url));

/** A `test` with a browser. */
export const withChromium = testWith(program, '--version');

/** A browser with the extension. */
export type InterceptedBrowser = {
  readonly context: BrowserContext;
  readonly worker: Worker;
  /** The popup, opened in a tab. */
  readonly popup: Page;
  /** What went wrong in the popup: errors, refusals of the Content-Security-Policy. */
  readonly troubles: string[];
  /** Types a code into the popup. */
  pair(code: string, port: number): Promise<void>;
};

/** Starts Chromium with the built extension and a profile, a new one unless told; it is gone when the test is over. */
export async function startIntercepted(
  args: readonly string[] = [],
  profile?: string,
): Promise<InterceptedBrowser> {
  const context = await chromium.launchPersistentContext(profile ?? (await newFolder()), {
    executablePath: program,
    timeout: 120_000,
    ignoreDefaultArgs: ['--disable-extensions'],
    args: [
      ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...[`--disable-extensions-except=${extension}`, `--load-extension=${extension}`],
      ...args,
    ],
  });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(40_000);
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const popup = await context.newPage();
  const troubles: string[] = [];
  popup.on('pageerror', (error) => troubles.push(String(error)));
  popup.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  await popup.goto(`chrome-extension://${interceptorId}/popup.html`);
  return {
    context,
    worker,
    popup,
    troubles,
    async pair(code, port) {
      await popup.getByLabel('Code').fill(code);
      await popup.getByLabel('Port').fill(String(port));
      await popup.getByRole('button', { name: 'Pair', exact: true }).click();
    },
  };
}

/** Ends the worker, as Chromium does when it has nothing to do, and waits until the popup has started it again. */
export async function endWorker({ context, popup, worker }: InterceptedBrowser): Promise<void> {
  await worker.evaluate('globalThis.isOld = true');
  const session = await context.newCDPSession(popup);
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await eventually(async () => expect(await worker.evaluate('globalThis.isOld')).toBeUndefined());
}

/** Asks a client for a code, as `pmproxy interceptor` does. */
export async function newCode({ port, token }: Reachable): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/interceptor/code`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await response.json()) as { code: string }).code;
}

/** Pairs a browser with a client, and waits until it is connected. */
export async function pairWith(browser: InterceptedBrowser, client: Reachable): Promise<void> {
  await browser.pair(await newCode(client), client.port);
  await isConnected(browser, client);
}

/** Waits until the popup shows that the client is connected. */
export async function isConnected(
  { popup }: InterceptedBrowser,
  { port }: Reachable,
): Promise<void> {
  await popup.getByText(`Connected to the client on port ${port}`).waitFor();
}

/** The entries in the history of a client, in order. */
export async function entriesOf({ port, token }: Reachable): Promise<HarEntry[]> {
  const response = await fetch(`http://127.0.0.1:${port}/api/har`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"rows":"all"}',
  });
  return ((await response.json()) as { log: { entries: HarEntry[] } }).log.entries;
}

/** Waits for the entry of a call in the history of a client. */
export function entryFor(client: Reachable, method: string, path: string): Promise<HarEntry> {
  return eventually(async () => {
    const entries = await entriesOf(client);
    const found = entries.find(
      ({ request }) => request.method === method && request.url.endsWith(path),
    );
    if (found === undefined) {
      const seen = entries.map(({ request }) => `${request.method} ${request.url}`);
      throw new Error(`${method} ${path} is not among ${seen.join(', ')}`);
    }
    return found;
  });
}

/** Waits until so many calls were captured. */
export async function captured({ popup }: InterceptedBrowser, count: number): Promise<void> {
  await eventually(async () =>
    expect(await popup.locator('.count').textContent()).toBe(String(count)),
  );
}

/** The token that the extension has for its client. */
export function storedToken({ worker }: InterceptedBrowser): Promise<string> {
  return worker.evaluate(`chrome.storage.local.get('client').then(({ client }) => client.token)`);
}

/** Waits until a tab is debugged: a response body has come. */
export async function isDebugged(page: Page, client: Reachable): Promise<void> {
  await eventually(async () => {
    await page.evaluate(`fetch('/api/ready').then((answer) => answer.text())`);
    const entries = (await entriesOf(client)).filter(({ request }) => /ready/.test(request.url));
    expect(entries.some(({ response }) => response.content.text)).toBe(true);
  });
}
