import { writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Har } from '../../src/har/types.ts';
import { type ListeningCli, newPlace, type Place, spawnIn, startSave } from './cli.ts';
import { type Lan, startLan } from './lan.ts';
import { upstreamAuthority } from './upstream.ts';

/** A proxy on one machine, a device on another, and a server that the device reaches only through the proxy. */
export type Visit = {
  readonly lan: Lan;
  readonly place: Place;
  /** Where the device keeps its files. */
  readonly pocket: Place;
  readonly proxy: ListeningCli;
  /** `http://192.168.77.1:port`, the proxy as the device reaches it. */
  readonly address: string;
  /** Runs curl on the device to its end; returns what it received. */
  curl(...args: string[]): Promise<string>;
  /** Runs any program on the device to its end; its exit code has to be 0. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
};

/** HTTP and HTTPS on the usual ports; each answer says what was asked for. */
const SERVER = `
const [address, key, cert] = process.argv.slice(1);
const { readFileSync } = require('node:fs');
const answer = ({ url, socket }, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end('<title>' + (socket.encrypted ? 'secure ' : 'plain ') + url + '</title>');
};
require('node:http').createServer(answer).listen(80, address, () => {
  const pair = { key: readFileSync(key), cert: readFileSync(cert) };
  require('node:https').createServer(pair, answer).listen(443, address, () => console.error('listens'));
});`;

/**
 * Starts all three. The proxy is `pmproxy save`, with these options besides those of its outputs `device.har`.
 *
 * @param bind the listen address; that of the machine on the network unless told
 */
export async function startVisit(
  bind: '0.0.0.0' | 'address',
  options: readonly string[] = [],
): Promise<Visit> {
  const [lan, place, pocket] = await Promise.all([startLan(), newPlace(), newPlace()]);
  const authority = await upstreamAuthority();
  const { key, cert } = await authority.credentialsFor(lan.server);
  await Promise.all([
    writeFile(place.path('server.key'), key),
    writeFile(place.path('server.pem'), cert),
    writeFile(place.path('server-ca.pem'), authority.certPem),
  ]);
  const files = [place.path('server.key'), place.path('server.pem')];
  const node = [process.execPath, '-e', SERVER];
  const server = spawnIn(place, [...lan.onMachine, ...node, lan.server, ...files], {});
  await server.says(/listens/);
  const own = ['--bind', bind === 'address' ? lan.machine : bind, '-o', 'device.har'];
  const args = [...own, '--trust', place.path('server-ca.pem'), ...options];
  const proxy = await startSave(place, args, { through: lan.onMachine });
  const run: Visit['run'] = async (command, env = {}) => {
    const { code, stdout, stderr } = await spawnIn(pocket, [...lan.onDevice, ...command], env)
      .ended;
    if (code !== 0) throw new Error(`${command.join(' ')}: exit code ${code}. ${stderr}`);
    return stdout;
  };
  return {
    ...{ lan, place, pocket, proxy, run },
    address: `http://${lan.machine}:${proxy.port}`,
    curl: (...rest) => run(['curl', '--silent', '--show-error', '--max-time', '60', ...rest]),
  };
}

/** Ends the recording; returns its URLs and statuses in order. */
export async function recordedBy({ proxy, place }: Visit): Promise<string[]> {
  const { code, stderr } = await proxy.end('SIGINT');
  expect(code, stderr).toBe(0);
  const { entries } = (await place.json<Har>('device.har')).log;
  return entries.map(({ request, response }) => `${request.url} ${response.status}`);
}
