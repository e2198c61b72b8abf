import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTemporaryFolder, PUBLIC, writeNew } from '../../new-files.ts';
import { type Holder, startHolder } from './holder.ts';
import { programFolders, requiredPrograms } from './programs.ts';
import { PORTS, packetRules } from './rules.ts';
import { RESOLV_CONF, SET_UP_SCRIPT } from './set-up.ts';
import { readSocketTable, type SocketRow } from './socket-table.ts';

/** A network of its own, in which commands can be started. It ends with its last process. */
export type Namespace = Pick<Holder, 'connections' | 'questions' | 'nft'> & {
  /** Returns the command line that runs a command line inside, as the same user and in the same folder. */
  enter(command: readonly string[]): readonly string[];
  /** The TCP sockets inside. */
  sockets(): Promise<readonly SocketRow[]>;
  /** Releases the namespace; processes still inside can no longer reach anything outside. */
  close(): void;
};

/** The same path from `src` and from `dist`. */
const SOCKETS_FILE = fileURLToPath(new URL('../../../bin/isolated-sockets.cjs', import.meta.url));

/**
 * Creates a network namespace. Root creates it directly; other accounts, and root without that right, create it in a user
 * namespace, in which they keep their own id.
 *
 * @throws UserError (exit code 2), one line, when a program is missing or the machine does not permit it
 */
export async function makeNamespace(): Promise<Namespace> {
  const folders = programFolders(process.env['PATH'] ?? '');
  const { unshare, nsenter } = requiredPrograms(folders);
  const isRoot = mayMakeNamespaces();
  const files = await makeTemporaryFolder(join(tmpdir(), 'pmproxy-isolate-'));
  try {
    const rules = join(files, 'rules.nft');
    const resolvConf = join(files, 'resolv.conf');
    await writeNew(rules, packetRules(ownAddresses()), PUBLIC);
    await writeNew(resolvConf, RESOLV_CONF, PUBLIC);
    const { questions, closed: _, ...relay } = PORTS;
    const sockets = [process.execPath, SOCKETS_FILE, questions, ...Object.values(relay)];
    const own = isRoot ? [] : asOwnUser();
    const holder = await startHolder(
      [
        ...[unshare, ...(isRoot ? [] : ['--user', '--map-root-user']), '--net', '--mount'],
        ...['/bin/sh', '-c', SET_UP_SCRIPT, 'sh', rules, resolvConf, '/etc/resolv.conf'],
        own.join(' '),
        ...sockets.map(String),
      ],
      folders.join(':'),
    );
    const way = [nsenter, '--target', String(holder.pid), '--net', '--mount', '--wd'];
    return {
      ...holder,
      enter: (command) =>
        isRoot
          ? [...way, '--', ...command]
          : [...way, '--user', '--preserve-credentials', '--', unshare, ...own, '--', ...command],
      async sockets() {
        const tables = ['tcp', 'tcp6'].map((name) => readTable(`/proc/${holder.pid}/net/${name}`));
        return (await Promise.all(tables)).flat();
      },
      close() {
        for (const server of holder.connections.values()) server.close();
        for (const socket of holder.questions) socket.close();
        holder.release();
      },
    };
  } finally {
    // Mounted files stay readable.
    await rm(files, { recursive: true, force: true });
  }
}

/** Reads one of the TCP socket tables; without IPv6 there is only one. */
export async function readTable(file: string): Promise<SocketRow[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return readSocketTable(text);
}

// In the user namespace of the set-up, the user is root; in one within it, the user has their own ids again.
function asOwnUser(): readonly string[] {
  const { getuid, getgid } = process;
  return ['--user', `--map-user=${getuid?.()}`, `--map-group=${getgid?.()}`];
}

const CAP_SYS_ADMIN = 21n;

// Root of a container may lack the right (capabilities(7)).
function mayMakeNamespaces(): boolean {
  if (process.geteuid?.() !== 0) return false;
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list = []) => list)
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
}
