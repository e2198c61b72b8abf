import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { certificatesIn } from './certificates.ts';
import type { Environment } from './ecosystem.ts';
import { CA_VARIABLES } from './variables.ts';

/** The root files of Linux distributions, the BSDs and macOS, as listed in Go's crypto/x509. */
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
 * Returns everything that a client trusted before, and our CA: the roots of Node, the system and the
 * files named by the environment's CA variables. Contains only certificates, each once: a private
 * key beside a certificate is not copied.
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

// A variable that names an unreadable file added no trust before and adds none now.
async function readIfThere(file: string): Promise<string> {
  return readFile(file, 'latin1').catch(() => '');
}
