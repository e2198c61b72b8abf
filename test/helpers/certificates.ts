import { createPrivateKey, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as x509 from '@peculiar/x509';
import type { Authority } from '../../src/proxy/authority.ts';

export type KeyAndCertificate = { readonly key: string; readonly cert: string };

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  const size = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  return webcrypto.subtle.generateKey({ ...algorithm, ...size }, true, ['sign', 'verify']);
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function names(host: string) {
  return [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])];
}

/** A self-signed certificate for this name. */
export async function selfSignedCertificate(host: string): Promise<KeyAndCertificate> {
  x509.cryptoProvider.set(webcrypto as typeof globalThis.crypto);
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: names(host),
  });
  return { key: await pem(keys.privateKey), cert: certificate.toString('pem') };
}

/** A certificate of this authority for this name that was valid until yesterday. */
export async function expiredCertificate(
  authority: Authority,
  host: string,
): Promise<KeyAndCertificate> {
  return signedCertificate(authority, host, new Date(Date.now() - dayMs));
}

/** A certificate of this authority for a client. */
export async function clientCertificate(
  authority: Authority,
  name: string,
): Promise<KeyAndCertificate> {
  return signedCertificate(authority, name, new Date(Date.now() + dayMs));
}

async function signedCertificate(
  authority: Authority,
  name: string,
  notAfter: Date,
): Promise<KeyAndCertificate> {
  x509.cryptoProvider.set(webcrypto as typeof globalThis.crypto);
  const keys = await newKeys();
  const der = createPrivateKey(await readFile(authority.files.key)).export({
    type: 'pkcs8',
    format: 'der',
  });
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: new x509.X509Certificate(authority.certPem).subjectName,
    notBefore: new Date(Date.now() - 30 * dayMs),
    notAfter,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: names(name),
  });
  return { key: await pem(keys.privateKey), cert: certificate.toString('pem') };
}

/** A certificate authority that was one until yesterday. */
export async function expiredAuthority(): Promise<KeyAndCertificate> {
  x509.cryptoProvider.set(webcrypto as typeof globalThis.crypto);
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=old',
    notBefore: new Date(Date.now() - 30 * dayMs),
    notAfter: new Date(Date.now() - dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return { key: await pem(keys.privateKey), cert: certificate.toString('pem') };
}
