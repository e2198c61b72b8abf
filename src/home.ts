import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** pmproxy's own folder: `PMPROXY_HOME`, or `.pmproxy` in the user's home. Absolute. */
export function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['PMPROXY_HOME'] || join(homedir(), '.pmproxy'));
}

/** Where journals are kept while their recordings are under way, and after a crash. */
export function journalsFolder(home: string): string {
  return join(home, 'journals');
}
