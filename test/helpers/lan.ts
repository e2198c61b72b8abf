import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { testWith } from './clients.ts';

/** A machine and a device on a network of their own, each in a network namespace. */
export type Lan = {
  /** The addresses of the machine and the device on this network. */
  readonly machine: string;
  readonly device: string;
  /** An address on the machine that the device has no route to, as those of servers on the Internet. */
  readonly server: string;
  /** Goes before a command line that is to run on the machine. */
  readonly onMachine: readonly string[];
  /** Goes before a command line that is to run on the device. */
  readonly onDevice: readonly string[];
};

const machine = '192.168.77.1';
const device = '192.168.77.2';
/** Reserved for examples (RFC 5737). */
const server = '198.51.100.7';

// Root of a container may lack the right to make namespaces; other accounts make them in a user namespace.
const accounts = [[], ['--user', '--map-root-user']];
const probe = ['--net', 'ip', 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other'];
const account = accounts.find((options) => isPermitted([...options, ...probe])) ?? [];

/** A `test` that needs network namespaces that are joined by a virtual cable. */
export const onLan = testWith('unshare', ...account, ...probe);

/** Joins a machine and a device, until the test is over. */
export async function startLan(): Promise<Lan> {
  const isUserNamespace = account.length > 0;
  const inside = (pid: number | undefined) => [
    ...['nsenter', '--target', String(pid), '--net'],
    ...(isUserNamespace ? ['--user', '--preserve-credentials'] : []),
    '--',
  ];
  const onMachine = inside(await hold(['unshare', ...account, '--net', '--']));
  const devicePid = await hold([...onMachine, 'unshare', '--net', '--']);
  const onDevice = inside(devicePid);
  const cable = `ip link add lan type veth peer name lan netns ${devicePid}`;
  await run(onMachine, cable, ...interfaces(machine), `ip addr add ${server}/32 dev lo`);
  await run(onDevice, ...interfaces(device));
  return { machine, device, server, onMachine, onDevice };
}

function interfaces(address: string): string[] {
  return [`ip addr add ${address}/24 dev lan`, 'ip link set lo up', 'ip link set lan up'];
}

async function run([program = '', ...args]: readonly string[], ...commands: string[]) {
  await promisify(execFile)(program, [...args, 'sh', '-ec', commands.join('\n')]);
}

/** Starts a process in a new namespace that keeps it until the test is over. */
async function hold([program = '', ...args]: readonly string[]): Promise<number | undefined> {
  const child: ChildProcess = spawn(program, [...args, 'sh', '-c', 'echo; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stdout) await Promise.race([once(child.stdout, 'data'), endedEarly(child)]);
  return child.pid;
}

async function endedEarly(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'close');
  throw new Error(`A namespace could not be made (exit code ${code})`);
}

function isPermitted(args: readonly string[]): boolean {
  try {
    execFileSync('unshare', args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
