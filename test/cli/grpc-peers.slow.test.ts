import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HarEntry } from '../../src/har/types.ts';
import { newPlace, type Place, runCli, spawnIn, startSave } from '../helpers/cli.ts';
import { newFolder } from '../helpers/folder.ts';
import { namingProxy } from '../helpers/naming-proxy.ts';
import {
  callDirectly,
  ECHO_PROTO,
  missingPeers,
  outcomes,
  type Peer,
  type PeerServer,
  peers,
  servePeer,
} from '../helpers/peer-programs.ts';
import { upstreamAuthority } from '../helpers/upstream.ts';

/** A virtual machine and four servers start, and all calls are made three times. */
const patience = 300_000;

if (missingPeers.length > 0) {
  const reason = `not built here, which test/peers/install.sh does: ${missingPeers.join(', ')}`;
  if (process.env['CI']) {
    test(`needs gRPC in ${missingPeers.join(', ')}`, () => {
      throw new Error(reason);
    });
  } else {
    process.stderr.write(`Skipped, for they are ${reason}.\n`);
  }
}

const servers = new Map<string, PeerServer>();

beforeAll(async () => {
  const scratch = await newFolder();
  for (const peer of peers) servers.set(peer.name, await servePeer(peer, scratch));
}, patience);

afterAll(() => Promise.all([...servers.values()].map((server) => server.close())));

/** What a client says of a server that does what test/peers/echo.proto promises. */
const outcome = {
  unary: { message: 'hello ä', binary: ['AAEC/w==', 'cGxhaW4='], length: '8' },
  error: { code: 5, message: 'no: 100 % ä', details: ['why'] },
  down: [2000, 1_999_000],
  up: '0,1,2,3,4',
  both: ['ping 0', 'ping 1', 'ping 2'],
  large: true,
  gzip: true,
  // A server that notices the deadline first resets the stream, which some clients take for a cancellation.
  broken: { deadline: 'true', codes: [expect.toBeOneOf([4, 1]), 1] },
};

/** The peers call every server, and send a large message to the one in their own language. */
const largeFor = (peer: Peer, server: string) => (peer.name === server ? 10_000_000 : 1000);

/** The addresses of all servers by names that a {@link namingProxy} knows. */
function named(peer: Peer, wanted: Iterable<string> = servers.keys()) {
  const ports: Record<string, number> = {};
  const origins: string[] = [];
  const addresses: string[] = [];
  for (const name of wanted) {
    const { clear = 0, tls = 0 } = servers.get(name) ?? {};
    const host = `${name.toLowerCase()}.test`;
    ports[`${host}:80`] = clear;
    ports[`${host}:443`] = tls;
    const large = largeFor(peer, name);
    origins.push(`http://${host}`, `https://${host}`);
    addresses.push(`http://${host}:80/${large}`, `https://${host}:443/${large}`);
  }
  return { ports, origins, addresses };
}

/** Makes pmproxy look for servers at another proxy. */
async function upstreamProxy(ports: Readonly<Record<string, number>>) {
  const proxy = `http://127.0.0.1:${await namingProxy(ports)}`;
  return { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, grpc_proxy: proxy, no_grpc_proxy: '.test' };
}

describe.each(peers)('a gRPC client in $name', (peer) => {
  test(
    'gets the same through save as directly, over TLS and in clear text, and every call is recorded',
    async () => {
      const { ports, origins, addresses } = named(peer);
      const place = await newPlace();
      const local = [...servers].flatMap(([name, { clear, tls }]) => [
        `http://localhost:${clear}/${largeFor(peer, name)}`,
        `https://localhost:${tls}/${largeFor(peer, name)}`,
      ]);
      const authority = place.path('upstream-ca.pem');
      await writeFile(authority, (await upstreamAuthority()).certPem);
      const direct = await callDirectly(peer, local, { HOME: place.folder, PEER_CA: authority });
      expect(direct).toEqual(local.map(() => outcome));

      const outputs = ['-o', 'calls.har', '-o', 'calls/', '--proto', ECHO_PROTO, '--insecure'];
      const command = [...(await peer.command()), 'call', ...addresses];
      const env = { ...(await upstreamProxy(ports)), ...peer.env };
      const end = await runCli(place, ['save', ...outputs, '--', ...command], { env });
      expect(outcomes(end.stdout), end.stderr).toEqual(addresses.map(() => outcome));

      const { log } = await place.json<{ log: { entries: HarEntry[] } }>('calls.har');
      for (const origin of origins) expectCalls(origin, log.entries, peer);

      const items = await textIn(place.path('calls'));
      for (const method of ['Unary', 'Down', 'Up', 'Both'])
        expect(items).toContain(`This is a gRPC call of peers.v1.Echo/${method}`);
      for (const message of ['hello ä', 'ping 2', '0,1,2,3,4', '1999'])
        expect(items).toMatch(new RegExp(`"${message}"`));
    },
    patience,
  );

  test(
    'gets the same by a proxy that it is given',
    async () => {
      const { ports, origins, addresses } = named(peer, [peer.name]);
      const place = await newPlace();
      const options = ['-o', 'calls.har', '--proto', ECHO_PROTO, '--insecure'];
      const save = await startSave(place, options, { env: await upstreamProxy(ports) });
      const client = await callBy(place, peer, addresses, save);
      const { stdout, stderr } = await client.ended;
      expect(outcomes(stdout), stderr).toEqual(addresses.map(() => outcome));
      await save.end('SIGINT');
      const { log } = await place.json<{ log: { entries: HarEntry[] } }>('calls.har');
      for (const origin of origins) expectCalls(origin, log.entries, peer);
    },
    patience,
  );
});

/** The text of all files of a folder. */
async function textIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}

/** Lets a peer call through a proxy as its users would name it, without the help of `save -- <command>`. */
async function callBy(
  place: Place,
  peer: Peer,
  addresses: readonly string[],
  { proxy, port, ca }: { proxy: string; port: number; ca: string },
) {
  return spawnIn(place, [...(await peer.command()), 'call', ...addresses], {
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    JAVA_TOOL_OPTIONS: `-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=${port}`,
    PEER_CA: ca,
    ...peer.env,
  });
}

/** All calls of a client to a server, with their messages. */
function expectCalls(origin: string, entries: readonly HarEntry[], peer: Peer): void {
  const calls = entries.filter(({ request }) => request.url.startsWith(`${origin}/`));
  const call = (method: string, first: unknown) => {
    const found = calls.find(
      ({ _grpc }) => _grpc?.method === method && _grpc.messages[0]?.json === first,
    );
    if (found?._grpc === undefined)
      throw new Error(`${origin} has no ${method} of ${String(first).slice(0, 40)}`);
    const { messages, status } = found._grpc;
    const from = (side: 'client' | 'server') =>
      messages.filter((message) => message.from === side).map(({ json }) => json);
    const { kind } = found._outcome ?? {};
    return { kind, status: status?.name, client: from('client'), server: from('server'), found };
  };
  const completed = { kind: 'completed', status: 'OK' };
  expect(call('Unary', 'hello ä')).toMatchObject({ ...completed, server: ['hello ä'] });
  const refused = call('Unary', 'nobody');
  expect(refused).toMatchObject({ kind: 'completed', status: 'NOT_FOUND', server: [] });
  expect(refused.found._grpc?.status).toMatchObject({
    message: 'no: 100 % ä',
    details: [{ '@type': 'type.googleapis.com/google.protobuf.StringValue', value: 'why' }],
  });
  expect(call('Down', '2000')).toMatchObject(completed);
  expect(call('Down', '2000').server).toEqual(Array.from({ length: 2000 }, (_, i) => String(i)));
  expect(call('Up', '0')).toMatchObject({
    ...completed,
    client: ['0', '1', '2', '3', '4'],
    server: ['0,1,2,3,4'],
  });
  const pings = ['ping 0', 'ping 1', 'ping 2'];
  expect(call('Both', 'ping 0')).toMatchObject({ ...completed, client: pings, server: pings });
  const large = 'x'.repeat(origin.endsWith(`/${peer.name.toLowerCase()}.test`) ? 10_000_000 : 1000);
  expect(call('Unary', large).server[0] === large).toBe(true);
  const zipped = call('Unary', 'compressible '.repeat(10_000));
  expect(zipped).toMatchObject({ ...completed, server: zipped.client });
  const coding = { name: 'grpc-encoding', value: 'gzip' };
  expect(zipped.found.request.headers).toContainEqual(coding);
  expect(call('Unary', 'deadline')).toMatchObject({ ...completed, server: ['true'] });
  expect(call('Down', 'cancel')).toMatchObject({ kind: 'aborted', server: ['cancel'] });
  const late = call('Down', 'late');
  if (late.kind === 'completed') expect(late.status).toBe('DEADLINE_EXCEEDED');
  // The client gave up, or the server reset the stream first.
  else expect(late.kind).toBeOneOf(['aborted', 'failed']);
}
