import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PRIVATE, writeNew } from '../new-files.ts';
import type { Ecosystem } from './ecosystem.ts';

/** wget knows no variable for certificates, but one for its settings; the user's own may hold passwords (0600). */
export const wget: Ecosystem = {
  variables: (_, { folder }) => ({ WGETRC: `${folder}/wgetrc` }),
  async writeFiles(folder, { ambient, seen, direct }) {
    // The variable replaces the user's file, so what that says comes first and ours has the last word.
    const own = ambient['WGETRC'] || join(ambient['HOME'] ?? homedir(), '.wgetrc');
    // One that cannot be read must not keep a command that has nothing to do with wget from running.
    const settings = await readFile(own, 'utf8').catch(() => '');
    const ours = `use_proxy = on\nno_proxy = ${direct.join(',')}\nca_certificate = ${seen.bundleFile}\n`;
    await writeNew(join(folder, 'wgetrc'), `${settings}\n${ours}`, PRIVATE);
  },
};
