import { execFile, execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateCACertificate } from 'mockttp/dist/util/certificates';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { authorityFiles, openAuthority } from '../../src/proxy/authority.ts';
import { expiredAuthority, selfSignedCertificate } from '../helpers/certificates.ts';
import { testWith } from '../helpers/clients.ts';
import { newFolder } from '../helpers/folder.ts';
import { sharedHome } from '../helpers/proxy.ts';

const withOpenssl = testWith('openssl', 'version');
const mode = async (path: string) => (await stat(path)).mode & 0o777;

test('an authority is created once and then reused', async () => {
  const home = join(await newFolder(), 'deep', 'home');
  const made = await openAuthority(home);
  const found = await openAuthority(home);
  expect(found.certPem).toBe(made.certPem);
  expect(found.spkiFingerprint).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(found.spkiFingerprint).toBe(made.spkiFingerprint);
  expect(new X509Certificate(made.certDer).fingerprint256).toBe(
    new X509Certificate(made.certPem).fingerprint256,
  );
  expect((await readdir(home)).sort()).toEqual(['ca-key.pem', 'ca.pem']);
});

test.each(['000', '022', '077', '777'])(
  'the key is for its owner alone and the certificate for everybody, under the umask %s, and made so again',
  async (umask) => {
    const home = join(await newFolder(), 'deep', 'home');
    const before = process.umask(Number.parseInt(umask, 8));
    try {
      const { files } = await openAuthority(home);
      expect(await mode(home)).toBe(0o700);
      expect([await mode(files.key), await mode(files.cert)]).toEqual([0o600, 0o644]);
      await chmod(files.key, 0o644);
      await openAuthority(home);
      expect(await mode(files.key)).toBe(0o600);
    } finally {
      process.umask(before);
    }
  },
);

test('processes that start at the same time share one authority', async () => {
  const home = join(await newFolder(), 'home');
  const made = await Promise.all(Array.from({ length: 4 }, () => openAuthority(home)));
  expect(new Set(made.map(({ certPem }) => certPem)).size).toBe(1);
  expect((await readdir(home)).sort()).toEqual(['ca-key.pem', 'ca.pem']);
});

describe('an authority is never replaced', () => {
  test.each(['cert', 'key'] as const)('while only its %s is missing', async (which) => {
    const home = join(await newFolder(), 'home');
    const { files } = await openAuthority(home);
    const other = which === 'cert' ? files.key : files.cert;
    const before = await readFile(other, 'utf8');
    await rm(files[which]);
    const failed = await openAuthority(home).catch((error: unknown) => error as UserError);
    expect(failed).toBeInstanceOf(UserError);
    expect((failed as UserError).message).toContain(`${files[which]} is missing`);
    expect((failed as UserError).hint).toContain(other);
    expect(await readFile(other, 'utf8')).toBe(before);
    expect(await readdir(home)).toHaveLength(1);
  });

  test('where its files do not belong together', async () => {
    const home = join(await newFolder(), 'home');
    const { files } = await openAuthority(home);
    await writeFile(files.cert, (await selfSignedCertificate('other')).cert);
    await expect(openAuthority(home)).rejects.toThrow(
      /are not the certificate and key of an authority/,
    );
    await writeFile(files.cert, 'nonsense');
    await expect(openAuthority(home)).rejects.toThrow(UserError);
    await writeFile(files.cert, '');
    await expect(openAuthority(home)).rejects.toThrow(UserError);
  });

  test('when it has expired', async () => {
    const home = join(await newFolder(), 'home');
    const files = authorityFiles(home);
    await mkdir(home);
    const { key, cert } = await expiredAuthority();
    await writeFile(files.cert, cert);
    await writeFile(files.key, key);
    await expect(openAuthority(home)).rejects.toThrow(/expired on/);
  });

  test('where its folder is a file', async () => {
    const home = join(await newFolder(), 'home');
    await writeFile(home, '');
    await expect(openAuthority(home)).rejects.toThrow(UserError);
  });
});

describe('a certificate', () => {
  test.each(['example.com', 'a.b.example.com', `${'x'.repeat(63)}.${'y'.repeat(63)}.example`])(
    'for the name %s is valid for it alone',
    async (name) => {
      const authority = await openAuthority(await sharedHome());
      const { cert } = await authority.credentialsFor(name);
      const certificate = new X509Certificate(cert);
      expect(certificate.checkHost(name)).toBe(name);
      expect(certificate.checkHost('other.example')).toBeUndefined();
      expect(certificate.verify(new X509Certificate(authority.certPem).publicKey)).toBe(true);
      expect(certificate.ca).toBe(false);
    },
  );

  test.each(['127.0.0.1', '::1', '2001:db8::7'])(
    'for the address %s is valid for it',
    async (address) => {
      const authority = await openAuthority(await sharedHome());
      const certificate = new X509Certificate((await authority.credentialsFor(address)).cert);
      expect(certificate.checkIP(address)).toBe(address);
    },
  );

  test.each(['localhost', '127.0.0.1', '::1'])(
    'for %s is valid for all of the usual names of this machine',
    async (host) => {
      const authority = await openAuthority(await sharedHome());
      const { subjectAltName } = new X509Certificate((await authority.credentialsFor(host)).cert);
      expect(subjectAltName).toBe(
        'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
      );
    },
  );

  test('has a random serial number of more than 64 bits, positive and of 20 bytes at most', async () => {
    const serials = await Promise.all(
      ['one.test', 'two.test'].map(async (host) => {
        const authority = await openAuthority(await sharedHome());
        return new X509Certificate((await authority.credentialsFor(host)).cert).serialNumber;
      }),
    );
    expect(new Set(serials).size).toBe(2);
    for (const serial of serials) expect(serial).toMatch(/^(?:01)?[\dA-F]{30}$/);
  });

  test('is created once per name, regardless of case', async () => {
    const authority = await openAuthority(await sharedHome());
    const [one, two] = await Promise.all([
      authority.credentialsFor('Example.COM'),
      authority.credentialsFor('example.com'),
    ]);
    expect(one).toBe(two);
  });

  withOpenssl('stands up to openssl', async () => {
    const authority = await openAuthority(await sharedHome());
    const folder = await newFolder();
    for (const [name, option] of [
      ['example.com', '-verify_hostname'],
      ['127.0.0.1', '-verify_ip'],
    ] as const) {
      const file = join(folder, 'leaf.pem');
      await writeFile(file, (await authority.credentialsFor(name)).cert);
      const args = [
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        '-CAfile',
        authority.files.cert,
        option,
        name,
        file,
      ];
      expect(String(execFileSync('openssl', args))).toContain('OK');
      await expect(
        promisify(execFile)('openssl', args.with(-2, 'other.example')),
      ).rejects.toThrow();
    }
  });

  withOpenssl('is signed by an authority that may sign no other one', async () => {
    const { files } = await openAuthority(join(await newFolder(), 'home'));
    const args = ['x509', '-in', files.cert, '-noout', '-ext', 'basicConstraints,keyUsage'];
    const shown = String(execFileSync('openssl', args));
    expect(shown).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(shown).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
  });

  withOpenssl('of an authority that an earlier version made stands up to openssl', async () => {
    const home = join(await newFolder(), 'home');
    const { cert, key } = await generateCACertificate();
    const files = authorityFiles(home);
    await mkdir(home);
    await writeFile(files.cert, cert);
    await writeFile(files.key, key);
    const authority = await openAuthority(home);
    expect(authority.certPem).toBe(cert);
    const leaf = join(home, 'leaf.pem');
    await writeFile(leaf, (await authority.credentialsFor('a.test')).cert);
    const args = ['verify', '-x509_strict', '-CAfile', files.cert, leaf];
    expect(String(execFileSync('openssl', args))).toContain('OK');
  });

  test('is for all names of this machine where it is for one of them', async () => {
    const authority = await openAuthority(await sharedHome());
    for (const host of ['localhost', '127.0.0.1', '::1', '127.0.0.2']) {
      const { cert } = await authority.credentialsFor(host);
      const certificate = new X509Certificate(cert);
      expect(certificate.checkHost('localhost')).toBe('localhost');
      for (const address of ['127.0.0.1', '::1'])
        expect(certificate.checkIP(address)).toBe(address);
    }
    const { cert } = await authority.credentialsFor('shop.test');
    expect(new X509Certificate(cert).subjectAltName).toBe('DNS:shop.test');
  });

  test('is not valid for longer than clients accept', async () => {
    const authority = await openAuthority(await sharedHome());
    const { validFrom, validTo } = new X509Certificate(
      (await authority.credentialsFor('a.example')).cert,
    );
    const days = (Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000;
    expect(days).toBeGreaterThan(300);
    expect(days).toBeLessThan(398);
    expect(Date.parse(validFrom)).toBeLessThan(Date.now());
  });
});
