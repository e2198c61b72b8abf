import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describeError, usageError } from '../errors.ts';
import { type Authority, type AuthorityFiles, authorityOf } from './authority.ts';

/**
 * Loads a third-party certificate authority, such as a company's, instead of ours. Its files are only read.
 *
 * @param files PEM files; intermediate certificates may follow the authority's own
 * @throws UserError (exit code 2) when a file cannot be read, the certificate is not an authority's or has expired, or the
 *   key does not match or is password-protected
 */
export async function openGivenAuthority(files: AuthorityFiles): Promise<Authority> {
  const [cert, key] = await Promise.all([read(files.cert, '--ca'), read(files.key, '--ca-key')]);
  const certificate = parsed(() => new X509Certificate(cert), `--ca ${files.cert}`, 'certificate');
  const privateKey = parsed(() => createPrivateKey(key), `--ca-key ${files.key}`, 'private key');
  if (!certificate.ca)
    throw usageError(`--ca ${files.cert}: this is not the certificate of an authority (CA:TRUE).`);
  if (!certificate.checkPrivateKey(privateKey))
    throw usageError(`--ca-key ${files.key}: this is not the key of ${files.cert}.`);
  if (Date.parse(certificate.validTo) < Date.now())
    throw usageError(`--ca ${files.cert}: the certificate expired on ${certificate.validTo}.`);
  if (!isUsable(privateKey))
    throw usageError(
      `--ca-key ${files.key}: use an RSA key, or an EC key on P-256, P-384 or P-521.`,
    );
  return authorityOf({ cert: `${cert.trimEnd()}\n`, key }, certificate, files);
}

function isUsable({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (asymmetricKeyType === 'rsa') return true;
  const curve = asymmetricKeyDetails?.namedCurve ?? '';
  return asymmetricKeyType === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(curve);
}

async function read(path: string, option: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw usageError(`${option} ${path}: cannot be read: ${describeError(cause)}.`);
  });
}

function parsed<T>(parse: () => T, where: string, what: string): T {
  try {
    return parse();
  } catch {
    throw usageError(`${where}: no ${what} in PEM without a password in this file.`);
  }
}
