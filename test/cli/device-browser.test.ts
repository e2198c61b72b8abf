import { chmod, writeFile } from 'node:fs/promises';
import { type Browser, chromium } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testWith } from '../helpers/clients.ts';
import { recordedBy, startVisit, type Visit } from '../helpers/device.ts';
import { onLan } from '../helpers/lan.ts';

const program = '/usr/bin/chromium';

/** Namespaces, several programs and a browser are started; on a busy machine that takes its time. */
const patience = 240_000;

const withChromium = testWith(program, '--version');
const withCertutil = testWith('sh', '-c', 'command -v certutil');
const needed: readonly unknown[] = [onLan, withChromium, withCertutil];
const inBrowser = needed.includes(test.skip) ? test.skip : test;

/** Opens the device's browser, with the trust store of the device's account and the proxy's automatic configuration. */
async function openBrowser({ lan, pocket, address }: Visit): Promise<Browser> {
  const launcher = pocket.path('chromium');
  const words = [...lan.onDevice, program].map((word) => `'${word}'`).join(' ');
  await writeFile(launcher, `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(launcher, 0o755);
  const browser = await chromium.launch({
    executablePath: launcher,
    timeout: patience,
    env: { PATH: process.env['PATH'] ?? '', HOME: pocket.folder, TMPDIR: pocket.folder },
    args: [
      `--proxy-pac-url=${address}/proxy.pac`,
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  onTestFinished(() => browser.close());
  return browser;
}

describe('a browser of a device on the network', { timeout: patience }, () => {
  inBrowser(
    'takes the proxy from /proxy.pac, trusts the certificate once it is installed, and is recorded',
    async () => {
      const visit = await startVisit('0.0.0.0', ['--host', '198.51.100.7']);
      const { address, curl, lan, pocket, run } = visit;
      const store = `sql:${pocket.path('.pki/nssdb')}`;
      await run(['mkdir', '-p', pocket.path('.pki/nssdb')]);
      await run(['certutil', '-N', '-d', store, '--empty-password']);

      const before = await (await openBrowser(visit)).newPage();
      await before.goto(`${address}/`);
      await before.getByText('Proxy: used').waitFor();
      await before.getByText('Certificate: not trusted yet').waitFor();
      await before.context().browser()?.close();

      await curl('--output', pocket.path('ca.pem'), `${address}/ca.pem`);
      const trust = ['-t', 'C,,', '-n', 'pmproxy', '-i', pocket.path('ca.pem')];
      await run(['certutil', '-A', '-d', store, ...trust]);

      const page = await (await openBrowser(visit)).newPage();
      await page.goto('http://pmproxy.local/');
      await page.getByText('Certificate: trusted').waitFor();
      await page.goto(`https://${lan.server}/shop`);
      expect(await page.title()).toBe('secure /shop');
      expect(await recordedBy(visit)).toContain(`https://${lan.server}/shop 200`);
    },
  );
});
