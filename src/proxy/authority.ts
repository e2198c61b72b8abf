import { createHash, createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { chmod, link, readFile, rename, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type * as X509 from '@peculiar/x509';
import { describeError, errorCode, UserError } from '../errors.ts';
import { isLoopback } from '../http/loopback.ts';
import { makePrivateFolder, PRIVATE, PUBLIC, writeNew } from '../new-files.ts';
import { makeAuthority, pkcs8Pem } from './authority-certificate.ts';

/** The location of a certificate authority in the folder given by `PMPROXY_HOME` or `~/.pmproxy`. */
export type AuthorityFiles = { readonly cert: string; readonly key: string };

/** The certificate authority that signs pmproxy's certificates for the hosts that clients request. */
export type Authority = {
  readonly files: AuthorityFiles;
  readonly certPem: string;
  readonly certDer: Uint8Array;
  /** After this time, clients reject it. */
  readonly expiresAt: Date;
  /** SHA-256 of the public key, base64: Chromium's `--ignore-certificate-errors-spki-list`. */
  readonly spkiFingerprint: string;
  /** A certificate that is valid for this name or bare IP address, with its key, both PEM. */
  credentialsFor(host: string): Promise<Credentials>;
};

type Credentials = {
  readonly key: string;
  readonly cert: string;
  readonly context: SecureContext;
};

/** The authority's files below pmproxy's home folder. */
export function authorityFiles(home: string): AuthorityFiles {
  return { cert: join(home, 'ca.pem'), key: join(home, 'ca-key.pem') };
}

/**
 * Loads the certificate authority, creating it on first use. It is never recreated while one of its
 * files exists: clients that trust the old one would fail silently.
 *
 * @param home pmproxy's home folder; made with mode 0700
 * @throws UserError when only one file exists, the files do not match, or it has expired
 */
export async function openAuthority(home: string): Promise<Authority> {
  const files = authorityFiles(home);
  await makePrivateFolder(home).catch((cause: unknown) => {
    throw cannotMake(home, cause);
  });
  const stored = (await readPair(files)) ?? (await createPair(home, files));
  const certificate = checkPair(stored, files);
  await chmod(files.key, 0o600);
  return authorityOf(stored, certificate, files);
}

/** An authority that has been read and checked. */
export function authorityOf(
  stored: Pair,
  certificate: X509Certificate,
  files: AuthorityFiles,
): Authority {
  return {
    files,
    certPem: stored.cert,
    certDer: certificate.raw,
    expiresAt: new Date(certificate.validTo),
    spkiFingerprint: createHash('sha256')
      .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64'),
    credentialsFor: issuer(stored),
  };
}

/**
 * Replaces the existing certificate authority with a new one. Running proxies keep the old one until they end.
 *
 * @param home pmproxy's home folder
 * @throws UserError when it cannot be written
 */
export async function replaceAuthority(home: string): Promise<Authority> {
  const files = authorityFiles(home);
  const made = await makeAuthority();
  const draft = join(home, `.ca-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await writeNew(`${draft}-key`, made.key, PRIVATE, 'wx');
    await writeNew(`${draft}-cert`, made.cert, PUBLIC, 'wx');
    await rename(`${draft}-key`, files.key);
    await rename(`${draft}-cert`, files.cert);
  } catch (error) {
    throw cannotMake(home, error);
  } finally {
    await Promise.all([rm(`${draft}-key`, { force: true }), rm(`${draft}-cert`, { force: true })]);
  }
  return openAuthority(home);
}

/** Both in PEM. */
type Pair = { cert: string; key: string };

async function readPair(files: AuthorityFiles): Promise<Pair | undefined> {
  const [cert, key] = await Promise.all([readIfThere(files.cert), readIfThere(files.key)]);
  if (cert === undefined && key === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return { cert, key };
  // Another pmproxy may be between writing the two.
  if (cert === undefined) {
    for (let waited = 0; waited < 2000; waited += 50) {
      await sleep(50);
      const late = await readIfThere(files.cert);
      if (late !== undefined && key !== undefined) return { cert: late, key };
    }
  }
  const [missing, present] = cert === undefined ? [files.cert, files.key] : [files.key, files.cert];
  throw new UserError(`The certificate authority is incomplete: ${missing} is missing.`, {
    hint: `Restore it, or start again: rm ${present} (clients must then trust the new one)`,
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new UserError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

// The key is linked into place first and exclusively: if two processes start at once, one wins
// and the other uses the winner's files.
async function createPair(home: string, files: AuthorityFiles): Promise<Pair> {
  const made = await makeAuthority();
  const draft = join(home, `.ca-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await writeNew(`${draft}-key`, made.key, PRIVATE, 'wx');
    await writeNew(`${draft}-cert`, made.cert, PUBLIC, 'wx');
    await link(`${draft}-key`, files.key);
    await link(`${draft}-cert`, files.cert);
    return made;
  } catch (error) {
    const other = errorCode(error) === 'EEXIST' ? await readPair(files) : undefined;
    if (other) return other;
    throw cannotMake(home, error);
  } finally {
    await Promise.all([rm(`${draft}-key`, { force: true }), rm(`${draft}-cert`, { force: true })]);
  }
}

function cannotMake(home: string, cause: unknown): UserError {
  return new UserError(
    `Cannot create a certificate authority in ${home}: ${describeError(cause)}`,
    {
      cause,
      hint: 'Choose another folder: PMPROXY_HOME=<folder>',
    },
  );
}

function checkPair(pair: Pair, files: AuthorityFiles): X509Certificate {
  const again = `Start again: rm ${files.cert} ${files.key} (clients must then trust the new one)`;
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pair.cert);
    createSecureContext({ cert: pair.cert, key: pair.key });
  } catch (error) {
    throw new UserError(
      `${files.cert} and ${files.key} are not the certificate and key of an authority.`,
      {
        cause: error,
        hint: again,
      },
    );
  }
  if (Date.parse(certificate.validTo) < Date.now()) {
    throw new UserError(`The certificate authority expired on ${certificate.validTo}.`, {
      hint: again,
    });
  }
  return certificate;
}

// Leaf certificates share one EC key made per process: signing a handshake with P-256 costs a
// twentieth of RSA 2048. mockttp's own leaves cannot be used for bare IPs because it writes every
// address as a DNS name.
function issuer(pair: Pair): Authority['credentialsFor'] {
  const issued = new Map<string, Promise<Credentials>>();
  let setup: ReturnType<typeof prepareIssuer> | undefined;
  return (host) => {
    const name = host.toLowerCase();
    const known = issued.get(name);
    if (known) return known;
    setup ??= prepareIssuer(pair);
    const made = setup.then((issue) => issue(name));
    issued.set(name, made);
    made.catch(() => issued.delete(name));
    // Long-lived proxies see many names; an evicted certificate is made again on demand.
    if (issued.size > maxIssued) issued.delete(issued.keys().next().value as string);
    return made;
  };
}

const maxIssued = 1000;
const ecKey = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const dayMs = 86_400_000;

async function prepareIssuer(pair: Pair): Promise<(host: string) => Promise<Credentials>> {
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as typeof globalThis.crypto);
  const authority = new x509.X509Certificate(pair.cert);
  const { signingKey, signingAlgorithm } = await importSigningKey(pair.key);
  const leaf = await webcrypto.subtle.generateKey(ecKey, true, ['sign', 'verify']);
  const key = pkcs8Pem(await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey));
  return async (host) => {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: `01${randomBytes(15).toString('hex')}`,
      // RFC 5280 A.1: a common name has at most 64 characters; clients check only the SAN.
      subject: host.length <= 64 ? [{ CN: [host] }] : [{ O: ['pmproxy'] }],
      issuer: authority.subjectName,
      notBefore: new Date(Date.now() - dayMs),
      // Within the 398 days that browsers allow (CA/Browser Forum, Baseline Requirements 6.3.2).
      notAfter: new Date(Date.now() + 365 * dayMs),
      signingAlgorithm,
      publicKey: leaf.publicKey,
      signingKey,
      extensions: await leafExtensions(x509, host, authority),
    });
    // With the authority in the chain, Chromium can trust it by its fingerprint alone.
    const cert = `${certificate.toString('pem')}\n${pair.cert}`;
    return { key, cert, context: createSecureContext({ key, cert }) };
  };
}

async function importSigningKey(keyPem: string) {
  const key = createPrivateKey(keyPem);
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
  const algorithm = curve
    ? { name: 'ECDSA', hash: curve.hash, namedCurve: curve.name }
    : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  return { signingKey, signingAlgorithm: algorithm };
}

/** The curves of an authority's key by OpenSSL's names, each with a hash of its strength. */
const curves: Readonly<Record<string, { readonly name: string; readonly hash: string }>> = {
  prime256v1: { name: 'P-256', hash: 'SHA-256' },
  secp384r1: { name: 'P-384', hash: 'SHA-384' },
  secp521r1: { name: 'P-521', hash: 'SHA-512' },
};

/**
 * A client that has resolved `localhost` may open a tunnel to the address and then check the certificate for the name;
 * other clients do the opposite. None of these names belongs to a server on another machine.
 */
const LOOPBACK = ['localhost', '127.0.0.1', '::1'] as const;

/** RFC 5280 4.2: names in the SAN - as an address where it is one - and the link to the authority's key. */
async function leafExtensions(x509: typeof X509, host: string, authority: X509.X509Certificate) {
  const { KeyUsageFlags, ExtendedKeyUsage } = x509;
  const names = isLoopback(host) ? new Set([...LOOPBACK, host]) : new Set([host]);
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(
      [...names].map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
    ),
    await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
  ];
}
