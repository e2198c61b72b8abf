import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import type { Har } from '../../src/har/types.ts';
import { startVisit, type Visit } from '../helpers/device.ts';
import { onLan } from '../helpers/lan.ts';

/** Namespaces and several programs are started; on a busy machine that takes its time. */
const patience = 240_000;

/** Ends the recording; returns its URLs and statuses in order, and who asked for them. */
async function recordedBy({ proxy, place }: Visit): Promise<string[]> {
  const { code, stderr } = await proxy.end('SIGINT');
  expect(code, stderr).toBe(0);
  const { entries } = (await place.json<Har>('device.har')).log;
  return entries.map(({ request, response }) => `${request.url} ${response.status}`);
}

/** How each form of the certificate becomes a file that curl trusts. */
const forms: readonly (readonly [string, string, (bytes: Buffer) => string])[] = [
  ['PEM', 'ca.pem', String],
  ['DER', 'ca.cer', (bytes) => new X509Certificate(bytes).toString()],
  [
    'a configuration profile',
    'ca.mobileconfig',
    (bytes) => {
      const [, payload = ''] =
        /<key>PayloadContent<\/key>\s*<data>([^<]*)/.exec(String(bytes)) ?? [];
      return new X509Certificate(Buffer.from(payload, 'base64')).toString();
    },
  ],
];

describe('a device on the network', { timeout: patience }, () => {
  onLan(
    'finds at the address of the banner what it needs, and at pmproxy.local the same',
    async () => {
      const visit = await startVisit('0.0.0.0');
      const { address, curl, proxy } = visit;
      await proxy.says(/On the network/);
      expect(proxy.stderr).toContain(`On the network: ${address}/ shows devices`);
      const direct = await curl(`${address}/`);
      expect(direct).toContain(`<code>${address}</code>`);
      expect(await curl('--proxy', address, 'http://pmproxy.local/')).toBe(direct);
      expect(await curl(`${address}/proxy.pac`)).toContain(`PROXY ${address.slice(7)}`);
      expect(await curl('--proxy', address, 'http://pmproxy.local/proxy.pac')).toBe(
        await curl(`${address}/proxy.pac`),
      );
      expect(await curl(`${address}/check`)).toContain('sent to the proxy itself');
      expect(await recordedBy(visit)).toEqual([]);
    },
  );

  onLan.each(forms)(
    'installs the certificate as %s, passes the check, and is recorded',
    async (_form, file, pemOf) => {
      const visit = await startVisit('address');
      const { address, curl, lan, pocket } = visit;
      const through = ['--proxy', address];
      const secure = [...through, '--cacert', pocket.path('trusted.pem')];
      await expect(curl(...through, 'https://pmproxy.local/check')).rejects.toThrow(/certificate/);
      expect(await curl(...through, 'http://pmproxy.local/check')).toContain('The proxy is used.');
      await curl('--output', pocket.path(file), `${address}/${file}`);
      await writeFile(pocket.path('trusted.pem'), pemOf(await readFile(pocket.path(file))));
      expect(await curl(...secure, 'https://pmproxy.local/check')).toBe(
        'The proxy is used, and its certificate is trusted.\n',
      );
      expect(await curl(...through, `http://${lan.server}/a`)).toContain('plain /a');
      expect(await curl(...secure, `https://${lan.server}/b`)).toContain('secure /b');
      expect(await recordedBy(visit)).toEqual([
        `http://${lan.server}/a 200`,
        `https://${lan.server}/b 200`,
      ]);
    },
  );

  onLan('cannot reach the server without the proxy', async () => {
    const { curl, lan } = await startVisit('address');
    await expect(curl(`http://${lan.server}/`)).rejects.toThrow(/exit code 7/);
  });

  onLan('has to send the credentials of --proxy-auth, except for the page', async () => {
    const visit = await startVisit('0.0.0.0', ['--proxy-auth', 'ada:correct-horse']);
    const { address, curl, lan, pocket } = visit;
    const ada = ['--proxy', address, '--proxy-user', 'ada:correct-horse'];
    const trusting = ['--cacert', pocket.path('ca.pem')];
    await curl('--output', pocket.path('ca.pem'), `${address}/ca.pem`);
    const status = (...args: string[]) =>
      curl('-o', '/dev/null', '-w', '%{http_code} %{http_connect}', ...args);
    expect(await status('--proxy', address, `http://${lan.server}/`)).toBe('407 000');
    await expect(status('--proxy', address, ...trusting, `https://${lan.server}/`)).rejects.toThrow(
      /407/,
    );
    const wrong = ['--proxy', address, '--proxy-user', 'ada:wrong'];
    expect(await status(...wrong, `http://${lan.server}/`)).toBe('407 000');
    expect(await curl('--proxy', address, 'http://pmproxy.local/')).toContain('Set the proxy');
    expect(await status(...ada, `http://${lan.server}/a`)).toBe('200 000');
    expect(await status(...ada, ...trusting, `https://${lan.server}/b`)).toBe('200 200');
    expect(await recordedBy(visit)).toEqual([
      `http://${lan.server}/a 200`,
      `https://${lan.server}/b 200`,
    ]);
  });
});
