import { join } from 'node:path';
import { PUBLIC, writeNew } from '../new-files.ts';
import type { Ecosystem } from './ecosystem.ts';
import { JAVA_STORE_PASSWORD, javaTrustStore } from './java-store.ts';

const STORE = 'java-roots.jks';

/** Java reads only its own properties. If a property is given twice, the last value counts. */
export const java: Ecosystem = {
  variables(ambient, { proxyUrl, folder, direct = [] }) {
    const { hostname, port } = new URL(proxyUrl);
    const host = hostname.replace(/^\[|\]$/g, '');
    const wanted = Object.entries({
      'http.proxyHost': host,
      'http.proxyPort': port,
      'https.proxyHost': host,
      'https.proxyPort': port,
      // Applies to both schemes; without it Java bypasses the proxy for this machine.
      'http.nonProxyHosts': direct.join('|'),
      'javax.net.ssl.trustStore': `${folder}/${STORE}`,
      'javax.net.ssl.trustStoreType': 'JKS',
      'javax.net.ssl.trustStorePassword': JAVA_STORE_PASSWORD,
    }).map(([name, value]) => javaOption(`-D${name}=${value}`));
    const before = ambient['JAVA_TOOL_OPTIONS'];
    return { JAVA_TOOL_OPTIONS: [...(before ? [before] : []), ...wanted].join(' ') };
  },
  writeFiles: (folder, { bundle }) => writeNew(join(folder, STORE), javaTrustStore(bundle), PUBLIC),
};

// The JVM splits the variable at white space outside of quotes.
function javaOption(option: string): string {
  return /\s/.test(option) ? `"${option}"` : option;
}
