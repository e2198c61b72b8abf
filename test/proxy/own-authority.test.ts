import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { openGivenAuthority } from '../../src/proxy/own-authority.ts';
import { testWith } from '../helpers/clients.ts';
import { newFolder } from '../helpers/folder.ts';
import { ask, openSecureTunnel } from '../helpers/http-client.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { httpsUpstream } from '../helpers/upstream.ts';

const withOpenssl = testWith('openssl', 'version');

/** Makes a key and a certificate of its own with openssl. */
async function made(key: readonly string[], isAuthority = true) {
  const folder = await newFolder();
  const files = { cert: join(folder, 'company.pem'), key: join(folder, 'company-key.pem') };
  const constraints = `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`;
  const args = ['req', '-x509', '-nodes', '-newkey', ...key, '-subj', '/CN=Company CA'];
  const rest = ['-addext', constraints, '-days', '30', '-keyout', files.key, '-out', files.cert];
  execFileSync('openssl', [...args, ...rest], { stdio: 'ignore' });
  return files;
}

const ec = (curve: string) => ['ec', '-pkeyopt', `ec_paramgen_curve:${curve}`];

describe('an authority of a company', () => {
  for (const [name, key] of [
    ['RSA', ['rsa:2048']],
    ['P-256', ec('P-256')],
    ['P-384', ec('P-384')],
  ] as const)
    withOpenssl(`with a key of ${name} signs what clients of the proxy see`, async () => {
      const upstream = await httpsUpstream((_request, response) => response.end('secure'));
      const proxy = await recordingProxy({ authority: await made(key) });
      const over = await openSecureTunnel(proxy, upstream.host);
      expect(over.getPeerX509Certificate()?.issuer).toBe('CN=Company CA');
      expect(String((await ask(proxy, upstream.url, { over })).body)).toBe('secure');
      expect(new X509Certificate(proxy.authority.certPem).subject).toBe('CN=Company CA');
    });

  withOpenssl('is refused where it is none, or where its key is another one', async () => {
    const [company, other, leaf] = await Promise.all([
      made(ec('P-256')),
      made(ec('P-256')),
      made(ec('P-256'), false),
    ]);
    const refusal = (files: { cert: string; key: string }) =>
      openGivenAuthority(files).then(
        () => undefined,
        (error: Error & { exitCode?: number }) => [error.exitCode, error.message],
      );
    expect(await refusal(leaf)).toEqual([2, expect.stringContaining('not the certificate of an')]);
    expect(await refusal({ ...company, key: other.key })).toEqual([
      2,
      expect.stringContaining(`this is not the key of ${company.cert}`),
    ]);
    await writeFile(other.key, 'nothing');
    expect(await refusal(other)).toEqual([2, expect.stringContaining('no private key in PEM')]);
    expect(await refusal({ ...company, cert: company.key })).toEqual([
      2,
      expect.stringContaining('no certificate in PEM'),
    ]);
  });
});
