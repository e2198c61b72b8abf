import { createHash, X509Certificate } from 'node:crypto';
import { type SqliteValue, sqliteFile } from './sqlite-file.ts';

/**
 * The attributes of objects in the database of certificates of NSS, by the names of PKCS #11 (v2.40) and of NSS itself
 * (pkcs11n.h); a column is called `a` with the attribute's number in hexadecimal.
 */
const ATTRIBUTES = {
  class: 0x0,
  token: 0x1,
  private: 0x2,
  label: 0x3,
  value: 0x11,
  certificateType: 0x80,
  issuer: 0x81,
  serialNumber: 0x82,
  subject: 0x101,
  id: 0x102,
  modifiable: 0x170,
  trustServerAuth: 0xce53_6358,
  trustClientAuth: 0xce53_6359,
  trustCodeSigning: 0xce53_635a,
  trustEmailProtection: 0xce53_635b,
  trustStepUpApproved: 0xce53_6360,
  certSha1Hash: 0xce53_63b4,
  certMd5Hash: 0xce53_63b5,
} as const;

/** Numbers of PKCS #11 and NSS are 32 bits, big endian, in this database. */
const CERTIFICATE = ulong(0x1);
const TRUST = ulong(0xce53_4353);
const X_509 = ulong(0x0);
const TRUSTED_AUTHORITY = ulong(0xce53_4352);
const NOT_SET = ulong(0xce53_4353);
const [NO, YES] = [Buffer.of(0), Buffer.of(1)];

type Row = Partial<Record<keyof typeof ATTRIBUTES, Buffer>>;

/**
 * Returns the `cert9.db` of a Firefox profile that trusts one more authority, for servers only. Firefox adds the missing
 * columns. NSS's `certutil` can create such a file, but it is rarely installed and not available for Windows.
 *
 * @param certificate PEM
 * @throws Error for a certificate of more than about 16 kB
 */
export function firefoxCertificates(certificate: string): Buffer {
  const { raw } = new X509Certificate(certificate);
  const { serialNumber, issuer, subject } = identityOf(raw);
  const common: Row = { token: YES, private: NO, modifiable: YES, issuer, serialNumber };
  const label = Buffer.from('pmproxy');
  return sqliteFile(
    'nssPublic',
    ['id', ...Object.values(ATTRIBUTES).map((number) => `a${number.toString(16)}`)],
    [
      row(1, {
        ...common,
        class: CERTIFICATE,
        label,
        certificateType: X_509,
        value: raw,
        subject,
        id: digest('sha1', subject),
      }),
      row(2, {
        ...common,
        class: TRUST,
        label,
        trustServerAuth: TRUSTED_AUTHORITY,
        trustClientAuth: NOT_SET,
        trustCodeSigning: NOT_SET,
        trustEmailProtection: NOT_SET,
        trustStepUpApproved: NO,
        certSha1Hash: digest('sha1', raw),
        certMd5Hash: digest('md5', raw),
      }),
    ],
  );
}

function row(id: number, attributes: Row): SqliteValue[] {
  const names = Object.keys(ATTRIBUTES) as (keyof typeof ATTRIBUTES)[];
  return [id, ...names.map((name) => attributes[name] ?? null)];
}

function ulong(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function digest(algorithm: 'sha1' | 'md5', bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}

/** The fields of a certificate by which NSS finds it (RFC 5280, 4.1), each with its tag and its length. */
function identityOf(certificate: Buffer) {
  const [toBeSigned] = elementsIn(contentOf(certificate));
  const fields = elementsIn(contentOf(toBeSigned ?? Buffer.alloc(0)));
  // Certificates of version 1 omit the version; only the version has the tag [0].
  const [serialNumber, , issuer, , subject] = fields[0]?.[0] === 0xa0 ? fields.slice(1) : fields;
  if (!serialNumber || !issuer || !subject) throw new Error('not a certificate of RFC 5280');
  return { serialNumber, issuer, subject };
}

/** The elements that follow each other in DER (X.690, 8.1). */
function elementsIn(der: Buffer): Buffer[] {
  const elements: Buffer[] = [];
  for (let at = 0; at < der.length; ) {
    const { contentAt, length } = lengthAt(der, at);
    elements.push(der.subarray(at, contentAt + length));
    at = contentAt + length;
  }
  return elements;
}

function contentOf(element: Buffer): Buffer {
  const { contentAt, length } = lengthAt(element, 0);
  return element.subarray(contentAt, contentAt + length);
}

function lengthAt(der: Buffer, at: number): { contentAt: number; length: number } {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { contentAt: at + 2, length: first };
  const size = first & 0x7f;
  return { contentAt: at + 2 + size, length: der.readUIntBE(at + 2, size) };
}
