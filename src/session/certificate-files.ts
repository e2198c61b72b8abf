import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { describeError, UserError, usageError } from '../errors.ts';
import { certificatesIn } from '../launch/certificates.ts';
import type { ProxyCommandOptions } from '../options/proxy.ts';
import type { ClientCertificate } from '../proxy/index.ts';

/**
 * Reads a file of `--trust`.
 *
 * @returns its PEM text
 * @throws UserError (exit code 2) when it cannot be read, or holds no certificate, which Node would accept without an error
 */
export async function trustedCertificates(path: string): Promise<string> {
  const pem = await readOption(path, '--trust', 'utf8');
  if (!certificatesIn(pem).some(isCertificate)) {
    throw usageError(`--trust ${path}: it holds no certificate; write a PEM file.`);
  }
  return pem;
}

/**
 * Reads the files of one `--client-cert`.
 *
 * @throws UserError (exit code 2) when they cannot be read, or are not a certificate and its key
 */
export async function clientCertificate(
  given: ProxyCommandOptions['clientCert'][number],
): Promise<ClientCertificate> {
  const { matches } = given;
  const option = '--client-cert';
  if ('pfxFile' in given) {
    const identity = { pfx: await readOption(given.pfxFile, option) };
    checkIdentity(given.pfxFile, identity);
    return { matches, identity };
  }
  // One after the other, so that the error names the first of two missing files.
  const cert = await readOption(given.certFile, option, 'utf8');
  const key = await readOption(given.keyFile, option, 'utf8');
  checkIdentity(given.certFile, { cert });
  checkIdentity(given.keyFile, { cert, key });
  return { matches, identity: { cert, key } };
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function checkIdentity(path: string, identity: SecureContextOptions): void {
  try {
    createSecureContext(identity);
  } catch (cause) {
    const right =
      'write PEM files of a certificate and its key, or one PKCS #12 file without a password';
    const message = `--client-cert ${path}: ${describeError(cause)}; ${right}.`;
    throw new UserError(message, { cause, exitCode: 2 });
  }
}

function readOption(path: string, option: string): Promise<Buffer>;
function readOption(path: string, option: string, encoding: 'utf8'): Promise<string>;
async function readOption(
  path: string,
  option: string,
  encoding?: 'utf8',
): Promise<Buffer | string> {
  try {
    return await readFile(path, encoding);
  } catch (cause) {
    throw new UserError(`${option} ${path}: ${describeError(cause)}`, { cause, exitCode: 2 });
  }
}
