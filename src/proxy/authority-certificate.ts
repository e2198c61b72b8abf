import { randomBytes, webcrypto } from 'node:crypto';

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
const rsaKey = { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const dayMs = 86_400_000;
const lifetimeDays = 3650;

/**
 * Makes a certificate authority with a unique name: RSA of 2048 bits, which every client accepts, valid for ten years from
 * yesterday, because clocks differ. It signs server certificates but no other authority (`pathlen:0`, RFC 5280,
 * 4.2.1.9), so only its own key can sign in its name.
 *
 * @returns both in PEM; the certificate ends in a line break, so another one can be appended
 */
export async function makeAuthority(): Promise<{ key: string; cert: string }> {
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as typeof globalThis.crypto);
  const keys = await webcrypto.subtle.generateKey(rsaKey, true, ['sign', 'verify']);
  const { KeyUsageFlags } = x509;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    name: [{ O: ['pmproxy'] }, { CN: [`pmproxy CA ${randomBytes(4).toString('hex')}`] }],
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + lifetimeDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = pkcs8Pem(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { key, cert: `${certificate.toString('pem').trimEnd()}\n` };
}

/** RFC 7468, 10. */
export function pkcs8Pem(key: ArrayBuffer): string {
  const lines = Buffer.from(key)
    .toString('base64')
    .match(/.{1,64}/g);
  return `-----BEGIN PRIVATE KEY-----\n${lines?.join('\n')}\n-----END PRIVATE KEY-----\n`;
}
