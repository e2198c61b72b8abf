import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { testWith } from '../helpers/clients.ts';
import { recordedBy, startVisit } from '../helpers/device.ts';
import { onLan } from '../helpers/lan.ts';

/** Namespaces and several programs are started; on a busy machine that takes its time. */
const patience = 240_000;

const withProgram = testWith('sh', '-c', 'command -v update-ca-certificates');
const withStore = onLan === test ? withProgram : test.skip;

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

  withStore('adds the certificate to the store of its system, and is recorded', async () => {
    const visit = await startVisit('address');
    const { address, curl, lan, pocket, run } = visit;
    const [own, made, hooks] = ['own', 'made', 'hooks'].map(pocket.path) as [
      string,
      string,
      string,
    ];
    await Promise.all([own, made, hooks].map((folder) => mkdir(folder)));
    await curl('--output', `${own}/pmproxy.crt`, `${address}/ca.pem`);
    const folders = ['--localcertsdir', own, '--etccertsdir', made, '--hooksdir', hooks];
    await run(['update-ca-certificates', ...folders]);
    const env = { SSL_CERT_FILE: `${made}/ca-certificates.crt`, https_proxy: address };
    const answer = await run(['curl', '-sS', `https://${lan.server}/a`], env);
    expect(answer).toContain('secure /a');
    expect(await recordedBy(visit)).toEqual([`https://${lan.server}/a 200`]);
  });

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
