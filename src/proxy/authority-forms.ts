import { createHash, X509Certificate } from 'node:crypto';

/** The forms in which programs and devices accept a certificate authority. */
export const certificateForms = ['pem', 'der', 'p12', 'mobileconfig'] as const;
export type CertificateForm = (typeof certificateForms)[number];

/** The password of a PKCS #12 file, which many programs require. It protects nothing: certificates are public. */
export const p12Password = 'pmproxy';

/**
 * A certificate in another form.
 *
 * @param pem the certificate of an authority with an RSA key
 * @returns the content of the file: PEM text (RFC 7468), DER, PKCS #12 without a key (RFC 7292), or an Apple
 *   configuration profile
 */
export async function certificateAs(
  form: CertificateForm,
  pem: string,
): Promise<string | Uint8Array> {
  switch (form) {
    case 'pem':
      return pem;
    case 'der':
      return new X509Certificate(pem).raw;
    case 'p12':
      return keyStore(pem);
    case 'mobileconfig':
      return mobileProfile(pem);
  }
}

/** The SHA-256 fingerprint of a certificate, as `AB:CD:…`, and of its public key (SPKI), in base64. */
export function fingerprintsOf(pem: string): {
  readonly certificate: string;
  readonly spki: string;
} {
  const certificate = new X509Certificate(pem);
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return {
    certificate: certificate.fingerprint256,
    spki: createHash('sha256').update(key).digest('base64'),
  };
}

async function keyStore(pem: string): Promise<Uint8Array> {
  const { default: forge } = await import('node-forge');
  const certificate = forge.pki.certificateFromPem(pem);
  // Without a key nothing is encrypted; the password only protects against changes.
  const store = forge.pkcs12.toPkcs12Asn1(null as never, [certificate], p12Password, {
    friendlyName: nameIn(pem),
  });
  return Buffer.from(forge.asn1.toDer(store).getBytes(), 'latin1');
}

/**
 * A configuration profile with the certificate as a root (Apple, Configuration Profile Reference: CertificateRoot). Its
 * identifiers are derived from the certificate, so the same one is installed once.
 */
export function mobileProfile(pem: string): string {
  const der = new X509Certificate(pem).raw;
  const name = nameIn(pem).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const id = (purpose: string) =>
    uuid(createHash('sha256').update(purpose).update(der).digest('hex'));
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>pmproxy.${id('profile')}</string>
  <key>PayloadUUID</key><string>${id('profile')}</string>
  <key>PayloadDisplayName</key><string>${name}</string>
  <key>PayloadDescription</key><string>Lets pmproxy record HTTPS. Remove this profile when you have finished.</string>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>pmproxy.${id('certificate')}</string>
      <key>PayloadUUID</key><string>${id('certificate')}</string>
      <key>PayloadDisplayName</key><string>${name}</string>
      <key>PayloadCertificateFileName</key><string>pmproxy-ca.cer</string>
      <key>PayloadContent</key>
      <data>${der.toString('base64')}</data>
    </dict>
  </array>
</dict>
</plist>
`;
}

function nameIn(pem: string): string {
  return /^CN=(.+)$/m.exec(new X509Certificate(pem).subject)?.[1] ?? 'pmproxy CA';
}

/** RFC 9562, 5.8: a UUID in a custom form. */
function uuid(hex: string): string {
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-').toUpperCase();
}
