import { existsSync } from 'node:fs';
import { type Place, spawnIn } from './cli.ts';
import { eventually } from './eventually.ts';

/** What writes HAR: Debian has it among the examples, from version 10.1 on it is built in. */
const shipped = '/usr/share/doc/mitmproxy/examples/contrib/har_dump.py';
const addon = existsSync(shipped) ? ['-s', shipped] : [];

/** The arguments with which mitmdump shows that it works. */
export const mitmdumpProbe = [...addon, '--options'];

export type Mitmdump = {
  readonly port: number;
  /** Its certificate authority. */
  readonly ca: string;
  /** Ends it; the HAR file is whole then. */
  stop(): Promise<void>;
};

/**
 * Starts mitmdump on a free port; it is gone when the test is over.
 *
 * @param har the file that it writes
 * @param trusted a file with the certificate authority of upstream servers
 */
export async function startMitmdump(place: Place, har: string, trusted: string): Promise<Mitmdump> {
  const options = [
    ...[`hardump=${har}`, `confdir=${place.path('mitmproxy')}`, 'flow_detail=0'],
    `ssl_verify_upstream_trusted_ca=${trusted}`,
  ].flatMap((option) => ['--set', option]);
  const listening = ['--listen-host', '127.0.0.1', '--listen-port', '0'];
  const command = ['mitmdump', ...addon, ...options, ...listening];
  const running = spawnIn(place, command, { PYTHONUNBUFFERED: '1' });
  const port = await eventually(() => {
    const [, found] = /listening at \S*?:(\d+)/.exec(running.stdout) ?? [];
    if (found === undefined) throw new Error(`It does not listen: ${running.stderr}`);
    return Number(found);
  });
  return {
    port,
    ca: place.path('mitmproxy/mitmproxy-ca-cert.pem'),
    async stop() {
      const { code, stdout, stderr } = await running.end('SIGTERM');
      if (code !== 0) throw new Error(`It ended with ${code}: ${stdout}\n${stderr}`);
    },
  };
}
