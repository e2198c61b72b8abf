import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PRIVATE, writeNew } from '../new-files.ts';
import type { Ecosystem } from './ecosystem.ts';

/** wget has no variable for certificates, but one for its settings; the user's settings may contain passwords (0600). */
export const wget: Ecosystem = {
  variables: (_, { folder }) => ({ WGETRC: `${folder}/wgetrc` }),
  async writeFiles(folder, { ambient, seen, direct }) {
    // The variable replaces the user's file, so its settings come first and ours override them.
    const own = ambient['WGETRC'] || join(ambient['HOME'] ?? homedir(), '.wgetrc');
    // An unreadable file must not prevent a command unrelated to wget from running.
    const settings = await readFile(own, 'utf8').catch(() => '');
    const ours = `use_proxy = on\nno_proxy = ${direct.join(',')}\nca_certificate = ${seen.bundleFile}\n`;
    await writeNew(join(folder, 'wgetrc'), `${settings}\n${ours}`, PRIVATE);
  },
};
