import { join } from 'node:path';
import { makePrivateFolder, PUBLIC, writeNew } from '../new-files.ts';
import type { Ecosystem } from './ecosystem.ts';

/** PHP: an .ini file that names the bundle, and a file that each script loads first. */
export const php: Ecosystem = {
  // An empty entry stands for PHP's own folder, which the variable would otherwise replace.
  variables: (ambient, { folder }, separator) => ({
    PHP_INI_SCAN_DIR: `${ambient['PHP_INI_SCAN_DIR'] ?? ''}${separator}${folder}/php`,
  }),
  async writeFiles(folder, { seen }) {
    await makePrivateFolder(join(folder, 'php'));
    const lines = [
      `curl.cainfo="${seen.bundleFile}"`,
      `openssl.cafile="${seen.bundleFile}"`,
      `auto_prepend_file="${seen.preloadFolder}/php.php"`,
    ];
    await writeNew(join(folder, 'php', 'pmproxy.ini'), `${lines.join('\n')}\n`, PUBLIC);
  },
};
