import { createHash } from 'node:crypto';
import { certificatesIn } from './certificates.ts';

/** The password that Java requires to read a store; it protects nothing, because certificates are public. */
export const JAVA_STORE_PASSWORD = 'changeit';

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;

/**
 * Certificates as a Java key store of type JKS, which every JDK reads and which, unlike PKCS #12, needs no library to write.
 * The format is that of the JDK's sun.security.provider.JavaKeyStore: numbers are big-endian, texts come with their
 * length in two bytes, and a digest over the password, a constant and everything before it ends the file.
 *
 * @param pem the certificates, PEM text.
 */
export function javaTrustStore(pem: string): Buffer {
  const certificates = certificatesIn(pem).map(der);
  const content = Buffer.concat([
    uint32(MAGIC),
    uint32(VERSION),
    uint32(certificates.length),
    ...certificates.flatMap((certificate, index) => [
      uint32(TRUSTED_CERTIFICATE),
      text(`root-${index}`),
      // The creation time; the same certificates must give the same bytes.
      Buffer.alloc(8),
      text('X.509'),
      uint32(certificate.length),
      certificate,
    ]),
  ]);
  const password = Buffer.from(JAVA_STORE_PASSWORD, 'utf16le').swap16();
  const digest = createHash('sha1').update(password).update('Mighty Aphrodite').update(content);
  return Buffer.concat([content, digest.digest()]);
}

function der(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}

function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
