import { writeFile } from 'node:fs/promises';
import { chromium, type Page } from 'playwright-core';
import { describe, expect, onTestFinished } from 'vitest';
import { type Header, headerValues } from '../../src/exchange.ts';
import { openAuthority } from '../../src/proxy/authority.ts';
import { pairHeaders } from '../../src/proxy/headers.ts';
import { newPlace, startListening } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { newFolder } from '../helpers/folder.ts';
import {
  httpsUpstream,
  httpUpstream,
  type Upstream,
  upstreamAuthority,
} from '../helpers/upstream.ts';

const program = '/usr/bin/chromium';
const withChromium = testWith(program, '--version');

/** A browser and a program start; on a busy machine that takes its time. */
const patience = 120_000;

type Seen = { readonly method: string; readonly target: string; readonly headers: Header[] };
type Api = Upstream & { readonly seen: Seen[] };
type Start = typeof httpUpstream;

/** A server that knows nothing of CORS: `/redirect` redirects, `/login` sets cookies, and it keeps what it sees. */
async function api(start: Start): Promise<Api> {
  const seen: Seen[] = [];
  const upstream = await start((request, response) => {
    const { method = '', url: target = '' } = request;
    seen.push({ method, target, headers: pairHeaders(request.rawHeaders) });
    response.statusCode = target === '/redirect' ? 302 : 200;
    if (target === '/redirect') response.setHeader('Location', '/elsewhere');
    if (target === '/login') response.setHeader('Set-Cookie', ['own=1; HttpOnly', 'two=2']);
    response.setHeader('X-Rate', '5');
    response.end(`answer of ${target}`);
  });
  return Object.assign(Object.create(upstream) as Upstream, { seen });
}

/** A server with an empty page. */
const site = (start: Start) =>
  start((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>client</title>');
  });

/**
 * A headless Chromium behind the real binary: a page of an origin that is allowed, one of an origin
 * that is not, and a server of a third.
 */
async function behindFilter(start: Start) {
  const place = await newPlace();
  const [server, client, stranger] = await Promise.all([api(start), site(start), site(start)]);
  const trusted = place.path('upstream-ca.pem');
  await writeFile(trusted, (await upstreamAuthority()).certPem);
  const options = ['--allow-origin', client.url, '--trust', trusted, '--no-upstream'];
  const filter = await startListening(place, ['filter', ...options]);
  const { spkiFingerprint } = await openAuthority(place.home);
  const context = await chromium.launchPersistentContext(await newFolder(), {
    executablePath: program,
    timeout: patience,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...[`--proxy-server=${filter.proxy}`, '--proxy-bypass-list=<-loopback>'],
      `--ignore-certificate-errors-spki-list=${spkiFingerprint}`,
    ],
  });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(patience);
  const open = async ({ url }: Upstream) => {
    const page = await context.newPage();
    await page.goto(url);
    return page;
  };
  return { server, filter, open, client, stranger };
}

/** What a page sees of an answer, or why it sees none. */
function fetchIn(page: Page, url: string, init: RequestInit = {}) {
  return page.evaluate(
    async ([address, options]) => {
      try {
        const response = await fetch(address, options);
        const { status, type, redirected } = response;
        const headers = Object.fromEntries(response.headers);
        return { status, type, redirected, headers, body: await response.text() };
      } catch (error) {
        return { error: String(error) };
      }
    },
    [url, init] as const,
  );
}

const marks = {
  'Postman-Origin': 'http://a.test',
  'Postman-Cookie': 'session=of-the-client',
  'Postman-User-Agent': 'Client/1',
  'Postman-Referer': 'http://a.test/page',
};

describe.each<[scheme: string, start: Start]>([
  ['HTTP', httpUpstream],
  ['HTTPS', httpsUpstream],
])('a page in Chromium over %s, through the real binary', { timeout: patience }, (_, start) => {
  withChromium(
    'sends the headers that browsers forbid: once each, and nothing else changes',
    async () => {
      const { server, open, client } = await behindFilter(start);
      const page = await open(client);
      await fetchIn(page, `${server.url}/login`, { credentials: 'include' });
      const headers = { ...marks, 'X-Own': 'kept' };
      const answer = await fetchIn(page, `${server.url}/x`, { headers, credentials: 'include' });
      expect(answer).toMatchObject({ status: 200, type: 'cors', body: 'answer of /x' });
      await fetchIn(page, `${server.url}/y`, { credentials: 'include' });
      // No preflight was for the server to answer.
      expect(server.seen.map(({ method, target }) => `${method} ${target}`)).toEqual([
        'GET /login',
        'GET /x',
        'GET /y',
      ]);
      const [marked = [], plain = []] = server.seen.slice(1).map((request) => request.headers);
      expect(headerValues(marked, 'origin')).toEqual(['http://a.test']);
      expect(headerValues(marked, 'cookie')).toEqual(['session=of-the-client']);
      expect(headerValues(marked, 'user-agent')).toEqual(['Client/1']);
      expect(headerValues(marked, 'referer')).toEqual(['http://a.test/page']);
      expect(headerValues(plain, 'origin')).toEqual([client.url]);
      expect(headerValues(plain, 'cookie')).toEqual(['own=1; two=2']);
      const rest = (lines: readonly Header[]) =>
        lines
          .filter(([name]) => !/^(origin|cookie|user-agent|referer|x-own)$/i.test(name))
          .toSorted();
      expect(rest(marked)).toEqual(rest(plain));
      expect(headerValues(marked, 'x-own')).toEqual(['kept']);
    },
  );

  withChromium('sees a redirect instead of following it', async () => {
    const { server, open, client } = await behindFilter(start);
    const page = await open(client);
    expect(await fetchIn(page, `${server.url}/redirect`, { headers: marks })).toMatchObject({
      status: 302,
      redirected: false,
      headers: { 'postman-location': '/elsewhere', 'x-rate': '5' },
      body: 'answer of /redirect',
    });
    expect(server.seen).toHaveLength(1);
    // One that it did not mark is followed, as ever.
    expect(await fetchIn(page, `${server.url}/redirect`)).toMatchObject({
      status: 200,
      redirected: true,
      body: 'answer of /elsewhere',
    });
  });

  withChromium('reads cookies that are set, whatever its credentials mode', async () => {
    const { server, open, client } = await behindFilter(start);
    const page = await open(client);
    for (const credentials of ['omit', 'same-origin', 'include'] as const) {
      const answer = await fetchIn(page, `${server.url}/login`, { headers: marks, credentials });
      expect(answer, credentials).toMatchObject({
        status: 200,
        headers: { 'postman-set-cookie': 'own=1; HttpOnly, two=2', 'x-rate': '5' },
      });
      expect(headerValues(server.seen.at(-1)?.headers ?? [], 'cookie')).toEqual([
        'session=of-the-client',
      ]);
    }
  });

  withChromium('reads in words what cannot be set', async () => {
    const { server, open, client } = await behindFilter(start);
    const page = await open(client);
    const headers = { 'Postman-Transfer-Encoding': 'chunked' };
    expect(await fetchIn(page, server.url, { headers })).toMatchObject({
      status: 400,
      body: expect.stringMatching(/postman-transfer-encoding cannot be set/i),
    });
    expect(server.seen).toEqual([]);
  });

  withChromium('of an origin that is not allowed stays blocked', async () => {
    const { server, open, stranger } = await behindFilter(start);
    const page = await open(stranger);
    const blocked = { error: expect.stringContaining('Failed to fetch') };
    for (const credentials of ['omit', 'include'] as const) {
      const marked = await fetchIn(page, `${server.url}/x`, { headers: marks, credentials });
      expect(marked).toEqual(blocked);
      expect(await fetchIn(page, `${server.url}/y`, { credentials })).toEqual(blocked);
    }
    // Its preflights were for the server to answer; what it marked was never sent.
    const requests = new Set(server.seen.map(({ method, target }) => `${method} ${target}`));
    expect(requests).toEqual(new Set(['OPTIONS /x', 'GET /y']));
  });
});
