import { createSecureServer } from 'node:http2';
import { chromium } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { listen, upstreamAuthority } from '../helpers/upstream.ts';

const program = '/usr/bin/chromium';

/** A server of HTTP/2 alone: a page, an echo, an event stream. */
async function site() {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const server = createSecureServer({ key, cert }, (request, response) => {
    if (request.url === '/echo') request.pipe(response);
    else if (request.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const n of [1, 2, 3]) response.write(`data: ${n}\n\n`);
    } else {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>h2</title><link rel="icon" href="data:,">');
    }
  });
  return listen(server as never, 'https', 'localhost');
}

testWith(program, '--version')(
  'Chromium talks HTTP/2 through the proxy, many requests at once, an upload and an event stream',
  async () => {
    const [upstream, proxy] = await Promise.all([site(), recordingProxy()]);
    const browser = await chromium.launch({
      executablePath: program,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
        `--ignore-certificate-errors-spki-list=${proxy.authority.spkiFingerprint}`,
      ],
      proxy: { server: proxy.url, bypass: '<-loopback>' },
    });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(upstream.url);
    const seen = await page.evaluate(async () => {
      const post = async (body: string) => {
        const answer = await fetch('/echo', { method: 'POST', body });
        return (await answer.text()) === body;
      };
      const bodies = [...Array.from({ length: 50 }, (_, i) => `${i}`), 'x'.repeat(1_000_000)];
      const same = await Promise.all(bodies.map(post));
      const source = new EventSource('/events');
      const events: string[] = [];
      await new Promise<void>((resolve) => {
        source.onmessage = ({ data }) => {
          events.push(data);
          if (events.length === 3) resolve();
        };
      });
      source.close();
      // The types are Node's.
      const [first] = performance.getEntriesByType('navigation' as never);
      const protocol = (first as unknown as { nextHopProtocol: string }).nextHopProtocol;
      return { same, events, protocol };
    });
    expect(seen).toEqual({ same: Array(51).fill(true), events: ['1', '2', '3'], protocol: 'h2' });
    await eventually(async () => {
      const recorded = await proxy.recorded(53);
      // The browser has requests of its own.
      const own = recorded.filter(({ request }) => request.url.startsWith(`${upstream.url}/`));
      expect(own.map(({ request }) => request.httpVersion)).toEqual(Array(53).fill('2.0'));
      expect(own.map(({ outcome }) => outcome.kind)).toContain('aborted');
    });
  },
  120_000,
);
