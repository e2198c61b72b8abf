import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket as DatagramSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTemporaryFolder } from '../../new-files.ts';
import { findProgram, programFolders } from './programs.ts';
import { missingProgram, notPermitted } from './refusal.ts';
import { outsidePortsCommand, packetRules, RELAY_PORT, RESOLVER_PORT } from './rules.ts';
import { RESOLV_CONF, SET_UP_SCRIPT } from './set-up.ts';
import { readSocketTable, type SocketRow } from './socket-table.ts';

/** A network of its own, in which commands can be started. It ends with its last process. */
export type Namespace = {
  /** Where TCP connections from inside arrive. */
  readonly connections: Server;
  /** Where questions to DNS servers arrive. */
  readonly questions: readonly DatagramSocket[];
  /** The command line that runs this one inside, as the same user and in the same folder. */
  enter(command: readonly string[]): readonly string[];
  /** The TCP sockets inside. */
  sockets(): Promise<readonly SocketRow[]>;
  /** Says at which ports of this machine something outside is to be reached. */
  setOutsidePorts(ports: readonly number[]): void;
  /** Lets go of it; processes that are still inside reach nothing outside any more. */
  close(): void;
};

/** What is needed, and the packages of Debian that hold it. */
const PROGRAMS = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  nft: 'nftables',
} as const;

/** The same path from `src` and from `dist`. */
const SOCKETS_FILE = fileURLToPath(new URL('../../../bin/isolated-sockets.cjs', import.meta.url));

/**
 * Makes a network namespace. Root makes it directly; other accounts, and root without that right, make it within a user
 * namespace, in which they keep their own id.
 *
 * @throws UserError (exit code 2), one line, when a program is missing or the machine does not permit it
 */
export async function makeNamespace(): Promise<Namespace> {
  const folders = programFolders(process.env['PATH'] ?? '');
  const [unshare, nsenter] = Object.entries(PROGRAMS).map(([name, debianPackage]) => {
    const path = findProgram(name, folders);
    if (path === undefined) throw missingProgram(name, debianPackage);
    return path;
  }) as [string, string];
  const isRoot = mayMakeNamespaces();
  const files = await makeTemporaryFolder(join(tmpdir(), 'pmproxy-isolate-'));
  try {
    const rules = join(files, 'rules.nft');
    const resolvConf = join(files, 'resolv.conf');
    await Promise.all([
      writeFile(rules, packetRules(ownAddresses())),
      writeFile(resolvConf, RESOLV_CONF, { mode: 0o644 }),
    ]);
    const sockets = [SOCKETS_FILE, RELAY_PORT, RESOLVER_PORT].map(String);
    const holder = spawn(
      unshare,
      [
        ...(isRoot ? [] : ['--user', '--map-root-user']),
        ...['--net', '--mount', '/bin/sh', '-c', SET_UP_SCRIPT, 'sh'],
        ...[process.execPath, ...sockets, rules, resolvConf, '/etc/resolv.conf'],
      ],
      {
        // Of a session of its own: a Ctrl+C is not for it.
        detached: true,
        env: { PATH: folders.join(':'), LC_ALL: 'C' },
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      },
    );
    const received = await whenReady(holder, isRoot);
    const own = isRoot ? [] : [unshare, ...asOwnUser()];
    const inside = isRoot ? [] : ['--user', '--preserve-credentials'];
    return {
      ...received,
      enter: (command) => [
        ...[nsenter, '--target', String(holder.pid), ...inside, '--net', '--mount', '--wd', '--'],
        ...[...own, ...command],
      ],
      async sockets() {
        const tables = ['tcp', 'tcp6'].map((name) => `/proc/${holder.pid}/net/${name}`);
        const texts = await Promise.all(
          tables.map((file) => readFile(file, 'utf8').catch(() => '')),
        );
        return texts.flatMap(readSocketTable);
      },
      setOutsidePorts(ports) {
        holder.stdin?.write(`${outsidePortsCommand(ports)}\n`);
      },
      close() {
        received.connections.close();
        for (const socket of received.questions) socket.close();
        holder.stdin?.end();
      },
    };
  } finally {
    // What is mounted stays readable.
    await rm(files, { recursive: true, force: true });
  }
}

type Received = Pick<Namespace, 'connections' | 'questions'>;

// The sockets come before the line that says that all is set up, but over another channel.
function whenReady(holder: ChildProcess, isRoot: boolean): Promise<Received> {
  return new Promise((resolve, reject) => {
    let said = '';
    let connections: Server | undefined;
    const questions: DatagramSocket[] = [];
    let isSetUp = false;
    const check = () => {
      if (!isSetUp || connections === undefined || questions.length === 0) return;
      holder.removeAllListeners('exit');
      if (holder.connected) holder.disconnect();
      holder.unref();
      for (const stream of [holder.stdin, holder.stdout, holder.stderr])
        (stream as unknown as { unref(): void } | null)?.unref();
      resolve({ connections, questions });
    };
    holder.on('message', (name, socket) => {
      if (name === 'connections') connections = socket as Server;
      else questions.push(socket as unknown as DatagramSocket);
      check();
    });
    holder.stdout?.on('data', () => {
      isSetUp = true;
      check();
    });
    holder.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    holder.stdin?.on('error', () => {});
    holder.once('error', reject);
    holder.once('exit', () =>
      holder.stderr?.once('close', () => reject(notPermitted(said, isRoot))),
    );
  });
}

// In the user namespace of the set-up, the user is root; in one within it, the user has their own ids again.
function asOwnUser(): readonly string[] {
  const { getuid, getgid } = process;
  return ['--user', `--map-user=${getuid?.()}`, `--map-group=${getgid?.()}`, '--'];
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
