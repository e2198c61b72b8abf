import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { trustBundle } from '../../src/launch/bundle.ts';
import { writeClientFiles } from '../../src/launch/client-files.ts';

const [ownCa = '', otherCa = ''] = rootCertificates;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the bundle has the CA of pmproxy, the roots of Node and those of the environment, each once', async () => {
  const file = join(folder, 'ambient.pem');
  const ambientCa = await selfMade();
  await writeFile(
    file,
    `-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n${ambientCa}`,
  );
  const bundle = await trustBundle(ownCa, { SSL_CERT_FILE: file, PIP_CERT: '/nowhere.pem' });
  const found = bundle.match(/-----BEGIN [^-]+-----/g) ?? [];
  const squeezed = bundle.replace(/\s/g, '');
  for (const pem of [ownCa, otherCa, ambientCa]) {
    expect(squeezed.split(pem.replace(/\s/g, '')).length).toBe(2);
  }
  expect(found.length).toBeGreaterThan(rootCertificates.length);
  expect(found.every((line) => line === '-----BEGIN CERTIFICATE-----')).toBe(true);
});

test('every certificate of the bundle can be read', async () => {
  const bundle = await trustBundle(ownCa, {});
  const all = bundle.split(/(?<=-----END CERTIFICATE-----\n)/);
  expect(() => all.map((pem) => new X509Certificate(pem))).not.toThrow();
});

test('keeps the settings of the wgetrc of the user in a private file', async () => {
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, ownCa);
  await writeFile(join(folder, '.wgetrc'), 'user_agent = mine');
  const { bundleFile } = await writeClientFiles(folder, caFile, { HOME: folder });
  const lines = (await readFile(join(folder, 'wgetrc'), 'utf8')).trim().split('\n');
  expect(lines[0]).toBe('user_agent = mine');
  expect(lines.at(-1)).toBe(`ca_certificate = ${bundleFile}`);
  expect((await stat(join(folder, 'wgetrc'))).mode & 0o777).toBe(0o600);
});

test('gives PHP an .ini file that names the bundle and what is loaded first', async () => {
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, ownCa);
  const { preloadFolder, bundleFile } = await writeClientFiles(folder, caFile, { HOME: folder });
  const ini = await readFile(join(folder, 'php', 'pmproxy.ini'), 'utf8');
  expect(ini).toContain(`curl.cainfo="${bundleFile}"`);
  expect(ini).toContain(`auto_prepend_file="${preloadFolder}/php.php"`);
});

test('names files by the paths at which others see them', async () => {
  const caFile = join(folder, 'own-ca.pem');
  await writeFile(caFile, ownCa);
  const seen = { folder: '/seen', preloadFolder: '/preload' };
  const files = await writeClientFiles(folder, caFile, {}, seen);
  expect(files).toMatchObject({ caFile: '/seen/ca.pem', bundleFile: '/seen/ca-bundle.pem' });
  expect(await readFile(join(folder, 'ca.pem'), 'utf8')).toBe(ownCa);
  expect(await readFile(join(folder, 'php', 'pmproxy.ini'), 'utf8')).toBe(
    'curl.cainfo="/seen/ca-bundle.pem"\nopenssl.cafile="/seen/ca-bundle.pem"\nauto_prepend_file="/preload/php.php"\n',
  );
});

async function selfMade(): Promise<string> {
  const { generateCACertificate } = await import('mockttp/dist/util/certificates');
  return (await generateCACertificate()).cert;
}
