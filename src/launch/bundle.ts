import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { certificatesIn } from './certificates.ts';
import type { Environment } from './ecosystem.ts';
import { CA_VARIABLES } from './variables.ts';

/** Where Linux distributions, the BSDs and macOS keep their roots; Go's crypto/x509 has the list. */
const SYSTEM_ROOT_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/etc/ssl/cert.pem',
];

/**
 * Everything that a client trusted before, and our CA: Node's roots, the system's, those of the
 * files that the environment's CA variables name. Only certificates, each once: a private key that
 * stands beside one is not copied.
 * @param ownCa our CA's certificate, PEM.
 * @returns PEM text.
 */
export async function trustBundle(ownCa: string, ambient: Environment): Promise<string> {
  const named = CA_VARIABLES.map((name) => ambient[name]).filter((file) => file !== undefined);
  const files = new Set([...SYSTEM_ROOT_FILES, ...named]);
  const texts = await Promise.all([...files].map(readIfThere));
  const all = [ownCa, ...texts, ...rootCertificates].flatMap(certificatesIn);
  const unique = new Map(all.map((pem) => [pem.replace(/\s/g, ''), pem]));
  return [...unique.values()].map((pem) => `${pem}\n`).join('');
}

// A variable that names nothing readable gave no trust before and gives none now.
async function readIfThere(file: string): Promise<string> {
  return readFile(file, 'latin1').catch(() => '');
}
