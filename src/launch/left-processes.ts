import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** A process that outlives the command that started it. */
export type LeftProcess = { readonly pid: number; readonly name: string };

/**
 * Returns the processes whose environment names this folder. The folder is unique to the command, so the command started
 * them, directly or not. Only Linux shows the environments of other processes (proc(5), /proc/pid/environ).
 */
export async function processesUsing(folder: string): Promise<LeftProcess[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(pids.map((pid) => processUsing(pid, `PMPROXY_CA=${folder}/`)));
  return found.filter((left) => left !== undefined);
}

async function processUsing(pid: string, mark: string): Promise<LeftProcess | undefined> {
  try {
    const environment = await environmentOf(pid);
    if (!`\0${environment}`.includes(`\0${mark}`)) return undefined;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8');
    return { pid: Number(pid), name: name.trim() };
  } catch {
    return undefined;
  }
}

/**
 * The environment of a process, empty for a zombie.
 *
 * @throws for processes of other accounts
 */
async function environmentOf(pid: string): Promise<string> {
  for (let reads = 1; ; reads += 1) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
    if (environment !== '' || reads === 4) return environment;
    // It is also empty for a moment while a process starts another program. Only zombies and the kernel's have none here.
    await readlink(`/proc/${pid}/exe`);
    await setTimeout(10);
  }
}
