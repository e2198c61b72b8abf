import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder, PRIVATE, PUBLIC, writeNew } from '../new-files.ts';
import { trustBundle } from './bundle.ts';
import type { Environment, ProxyAccess } from './environment.ts';
import { javaTrustStore } from './java-store.ts';

/**
 * Writes the files that clients need besides variables into a folder, which must exist and be the
 * user's own: the bundle of certificates, also as a key store for Java, a wgetrc (0600: the user's own may hold
 * passwords) and an .ini file for PHP.
 * @param caFile our CA's certificate, PEM.
 */
export async function writeClientFiles(
  folder: string,
  caFile: string,
  ambient: Environment,
): Promise<Omit<ProxyAccess, 'proxyUrl'>> {
  const bundleFile = join(folder, 'ca-bundle.pem');
  const wgetrcFile = join(folder, 'wgetrc');
  const phpFolder = join(folder, 'php');
  const bundle = await trustBundle(await readFile(caFile, 'utf8'), ambient);
  await writeNew(bundleFile, bundle, PUBLIC);
  await writeNew(wgetrcFile, await wgetrc(ambient, bundleFile), PRIVATE);
  await makePrivateFolder(phpFolder);
  const ini = `curl.cainfo="${bundleFile}"\nopenssl.cafile="${bundleFile}"\n`;
  await writeNew(join(phpFolder, 'pmproxy.ini'), ini, PUBLIC);
  const javaStoreFile = join(folder, 'java-roots.jks');
  await writeNew(javaStoreFile, javaTrustStore(bundle), PUBLIC);
  return { caFile, bundleFile, wgetrcFile, phpFolder, javaStoreFile };
}

// The variable replaces the user's file, so what that says comes first and ours has the last word.
async function wgetrc(ambient: Environment, bundleFile: string): Promise<string> {
  const own = ambient['WGETRC'] || join(ambient['HOME'] ?? homedir(), '.wgetrc');
  const settings = await readFile(own, 'utf8').catch(() => '');
  return `${settings}\nuse_proxy = on\nno_proxy =\nca_certificate = ${bundleFile}\n`;
}
