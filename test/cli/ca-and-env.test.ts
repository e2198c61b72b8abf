import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PRELOAD_FOLDER } from '../../src/launch/ecosystem.ts';
import { openAuthority } from '../../src/proxy/authority.ts';
import { newPlace, pathsIn, runCli, runTyped, startSave } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { newFolder } from '../helpers/folder.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { httpsUpstream, httpUpstream } from '../helpers/upstream.ts';

describe('pmproxy ca', () => {
  test('creates the authority on first use, with a key that only its owner can read', async () => {
    const home = join(await newFolder(), 'new');
    const { code, stdout } = await runCli(await newPlace(), ['ca'], {
      env: { PMPROXY_HOME: home },
    });
    expect([code, stdout]).toEqual([0, `${join(home, 'ca.pem')}\n`]);
    expect((await stat(join(home, 'ca-key.pem'))).mode & 0o777).toBe(0o600);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
  });

  test('path, show and export refer to the same certificate and write to standard output only', async () => {
    const place = await newPlace();
    const path = await runInProcess(place, ['ca', 'path']);
    const show = await runInProcess(place, ['ca', 'show']);
    expect([path.code, path.stderr, show.code, show.stderr]).toEqual([0, '', 0, '']);
    expect(await readFile(path.stdout.trimEnd(), 'utf8')).toBe(show.stdout);
    expect(new X509Certificate(show.stdout).ca).toBe(true);
    expect(show.stdout).toMatch(/-----END CERTIFICATE-----\n$/);
    expect((await runCli(place, ['ca', 'export', 'copy.pem'])).code).toBe(0);
    expect(await place.read('copy.pem')).toBe(show.stdout);
  });

  test('export to a path that cannot be written fails with a clear message', async () => {
    const { code, stderr } = await runCli(await newPlace(), ['ca', 'export', 'no/copy.pem']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^pmproxy: Cannot write no\/copy\.pem: ENOENT/),
    ]);
  });
});

describe('pmproxy ca export', () => {
  testWith('openssl', 'version')('writes the form that the ending or --format names', async () => {
    const place = await newPlace();
    const { stdout: pem } = await runInProcess(place, ['ca', 'show']);
    const certificate = new X509Certificate(pem);
    for (const [file, ...args] of [['ca.cer'], ['ca', '--format', 'der']] as const) {
      await runInProcess(place, ['ca', 'export', file, ...args]);
      expect(await readFile(place.path(file))).toEqual(certificate.raw);
    }
    await runInProcess(place, ['ca', 'export', 'ca.p12']);
    const given = ['pkcs12', '-in', place.path('ca.p12'), '-passin', 'pass:pmproxy', '-nokeys'];
    const found = String(execFileSync('openssl', given));
    expect(new X509Certificate(found.slice(found.indexOf('-----BEGIN'))).raw).toEqual(
      certificate.raw,
    );
    await runInProcess(place, ['ca', 'export', 'ca.mobileconfig']);
    const profile = await place.read('ca.mobileconfig');
    expect(profile).toContain(`<data>${certificate.raw.toString('base64')}</data>`);
    expect(profile).toContain('com.apple.security.root');
  });

  test('--format is refused where nothing is exported', async () => {
    const { code, stderr } = await runInProcess(await newPlace(), [
      'ca',
      'show',
      '--format',
      'der',
    ]);
    expect([code, stderr]).toEqual([
      2,
      'pmproxy: pmproxy ca show takes no --format; export does.\n',
    ]);
  });
});

testWith('openssl', 'version')('pmproxy ca --fingerprint prints what openssl prints', async () => {
  const place = await newPlace();
  const { stdout: path } = await runInProcess(place, ['ca']);
  const given = ['x509', '-in', path.trim(), '-noout', '-fingerprint', '-sha256'];
  const [, expected] = String(execFileSync('openssl', given)).trim().split('=');
  const { stdout } = await runInProcess(place, ['ca', '--fingerprint']);
  const { spkiFingerprint } = await openAuthority(place.home);
  expect(stdout).toBe(
    `certificate SHA-256  ${expected}\nSPKI SHA-256         ${spkiFingerprint}\n`,
  );
});

describe('pmproxy ca rotate', () => {
  test('replaces the authority with --yes, and the key is for its owner alone', async () => {
    const place = await newPlace();
    const { stdout: before } = await runInProcess(place, ['ca', 'show']);
    const { code, stdout } = await runInProcess(place, ['ca', 'rotate', '--yes']);
    expect([code, stdout]).toEqual([0, `${join(place.home, 'ca.pem')}\n`]);
    const { stdout: after } = await runInProcess(place, ['ca', 'show']);
    expect(after).not.toBe(before);
    expect((await stat(join(place.home, 'ca-key.pem'))).mode & 0o777).toBe(0o600);
    const authority = (await readdir(place.home)).filter((name) => name.includes('ca'));
    expect(authority.sort()).toEqual(['ca-key.pem', 'ca.pem']);
  });

  test('changes nothing without an answer', async () => {
    const place = await newPlace();
    const { stdout: before } = await runInProcess(place, ['ca', 'show']);
    const { code, stderr } = await runCli(place, ['ca', 'rotate']);
    expect(code).toBe(2);
    expect(stderr).toContain('pmproxy ca rotate --yes');
    expect((await runInProcess(place, ['ca', 'show'])).stdout).toBe(before);
  });
});

describe('pmproxy env', () => {
  testWith('curl', '--version')(
    'sends the programs of a shell through a running proxy',
    async () => {
      const plain = await httpUpstream((_, response) => response.end('plain'));
      const secure = await httpsUpstream((_, response) => response.end('secure'));
      const place = await newPlace();
      const cli = await startSave(place, ['-o', 't.json', '--insecure', '--no-variables']);
      const line = `eval "$(pmproxy env --port ${cli.port})" && curl -sS ${plain.url}/p ${secure.url}/s`;
      expect(await runTyped(place, line)).toMatchObject({
        code: 0,
        stdout: 'plainsecure',
        stderr: '',
      });
      await cli.end('SIGINT');
      expect(pathsIn(await place.read('t.json'))).toEqual(['/p', '/s']);
    },
  );

  test('prints the same variables for sh, fish, PowerShell and JSON', async () => {
    const place = await newPlace();
    const print = async (shell: string) =>
      (await runInProcess(place, ['env', '--shell', shell, '--port', '4321'])).stdout;
    const variables = JSON.parse(await print('json')) as Record<string, string>;
    expect(variables).toMatchObject({ https_proxy: 'http://127.0.0.1:4321', NO_PROXY: '' });
    const count = Object.keys(variables).length;
    for (const [shell, line] of [
      ['sh', "export HTTP_PROXY='http://127.0.0.1:4321'"],
      ['fish', "set -gx HTTP_PROXY 'http://127.0.0.1:4321'"],
      ['powershell', "$env:HTTP_PROXY = 'http://127.0.0.1:4321'"],
    ] as const) {
      const lines = (await print(shell)).trimEnd().split('\n');
      expect(lines).toContain(line);
      expect(lines).toHaveLength(count);
    }
  });

  test('values with quotes and spaces reach the shell unchanged', async () => {
    const place = await newPlace();
    const home = join(await newFolder(), "it's a home");
    const line = `export PMPROXY_HOME="${home}"; eval "$(pmproxy env)"; printf %s "$CURL_CA_BUNDLE"`;
    const { stdout } = await runTyped(place, line);
    expect(stdout.startsWith(home)).toBe(true);
    expect(await readFile(stdout, 'utf8')).toContain('BEGIN CERTIFICATE');
  });

  test('keeps the files that it writes private', async () => {
    const place = await newPlace();
    await runCli(place, ['env']);
    const folder = join(place.home, 'clients');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await readdir(folder)).sort()).toEqual([
      'ca-bundle.pem',
      'ca.pem',
      'java-roots.jks',
      'php',
      'wgetrc',
    ]);
  });
});

describe('pmproxy env for containers', () => {
  test('prints flags for docker run, whose files every account of a container can read', async () => {
    const place = await newPlace();
    const args = ['env', '--shell', 'docker', '--port', '4321'];
    const { code, stdout, stderr } = await runCli(place, args);
    expect(code).toBe(0);
    const folder = join(place.home, 'containers');
    expect(stdout).toBe(
      `--env-file ${folder}/env-4321 --volume ${folder}:/pmproxy/clients:ro --volume ${PRELOAD_FOLDER}:/pmproxy/preload:ro --add-host host.docker.internal:host-gateway\n`,
    );
    expect(stderr).toMatch(/pmproxy save --bind [\d.]+ --port 4321\n$/);
    const variables = (await readFile(join(folder, 'env-4321'), 'utf8')).trim().split('\n');
    expect(variables).toEqual(
      expect.arrayContaining([
        'HTTPS_PROXY=http://host.docker.internal:4321',
        'NO_PROXY=localhost,127.0.0.1,::1',
        'NODE_OPTIONS=--require /pmproxy/preload/node.cjs',
        'NODE_EXTRA_CA_CERTS=/pmproxy/clients/ca.pem',
        'SSL_CERT_FILE=/pmproxy/clients/ca-bundle.pem',
      ]),
    );
    for (const name of ['ca.pem', 'ca-bundle.pem', 'wgetrc', 'php/pmproxy.ini']) {
      expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o644);
    }
    expect((await stat(join(folder, 'php'))).mode & 0o777).toBe(0o755);
    expect(await readFile(join(folder, 'wgetrc'), 'utf8')).toContain(
      'ca_certificate = /pmproxy/clients/ca-bundle.pem',
    );
  });

  test('prints a service for Docker Compose', async () => {
    const place = await newPlace();
    const { stdout } = await runCli(place, ['env', '--shell', 'compose']);
    expect(parse(stdout)).toMatchObject({
      services: {
        app: {
          environment: {
            http_proxy: 'http://host.docker.internal:8080',
            WGETRC: '/pmproxy/clients/wgetrc',
          },
          volumes: [
            `${join(place.home, 'containers')}:/pmproxy/clients:ro`,
            `${PRELOAD_FOLDER}:/pmproxy/preload:ro`,
          ],
          extra_hosts: ['host.docker.internal:host-gateway'],
        },
      },
    });
  });
});
