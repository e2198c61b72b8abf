import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Har, HarEntry } from '../../src/har/types.ts';
import { newPlace, type Place, runCli, spawnIn, startSave } from '../helpers/cli.ts';
import { firstThatWorks, testWith } from '../helpers/clients.ts';
import {
  type ClientSaw,
  callH2Directly,
  h2Client,
  type Seen,
  type ServerSaw,
  serveH2,
} from '../helpers/h2-peer.ts';
import { h2Scripts } from '../helpers/h2-scripts.ts';

const probe = ['-c', 'import h2'];
// The Python in PATH may be another than Debian's, which has Debian's h2.
const python = firstThatWorks(['/usr/bin/python3', 'python3'], ...probe);

/** What came of a script on one way. */
type Outcome = { readonly client: unknown; readonly server: Record<string, readonly Seen[]> };

testWith(python, ...probe)(
  'what h2 does frame by frame arrives through save as directly, and is recorded',
  async () => {
    const place = await newPlace();
    const server = await serveH2(python, place);
    const { tls, clear, late } = server.ports;
    const urls = (way: string) => [
      `https://localhost:${tls}/${way}-tls`,
      `http://localhost:${clear}/${way}-clear`,
      `https://localhost:${late}/${way}-late`,
    ];
    const direct = await callH2Directly(python, place, urls('direct'));
    const command = await h2Client(python, place, urls('save'));
    const end = await runCli(place, ['save', '-o', 'save.har', '--insecure', '--', ...command]);
    expect(end.code, end.stderr).toBe(0);
    const target = ['--target', `http://localhost:${clear}`, '-o', 'target.har'];
    const proxy = await startSave(place, target);
    const asked = await h2Client(python, place, [`http://127.0.0.1:${proxy.port}/target-clear`]);
    const targeted = await spawnIn(place, asked, {}).ended;
    expect(targeted.code, targeted.stderr).toBe(0);
    await proxy.end('SIGINT');

    const client: ClientSaw = {
      ...direct,
      ...JSON.parse(end.stdout),
      ...JSON.parse(targeted.stdout),
    };
    const seen = await server.close();
    const entries = [
      ...(await entriesOf(place, 'save.har')),
      ...(await entriesOf(place, 'target.har')),
    ];
    for (const name of Object.keys(h2Scripts)) {
      const outcome = (way: string) => outcomeOf(client, seen, way, name);
      for (const kind of ['tls', 'clear', 'late'])
        expect
          .soft(outcome(`save-${kind}`), `${name} ${kind}`)
          .toEqual(throughProxy(name, outcome(`direct-${kind}`)));
      expect
        .soft(outcome('target-clear'), name)
        .toEqual(throughProxy(name, outcome('direct-clear')));
      for (const way of ['save-tls', 'save-clear', 'save-late', 'target-clear'])
        expectRecorded(entries, client, seen, `/${way}/${name}`);
    }
  },
);

async function entriesOf(place: Place, file: string): Promise<readonly HarEntry[]> {
  return (await place.json<Har>(file)).log.entries;
}

function outcomeOf(client: ClientSaw, server: ServerSaw, way: string, name: string): Outcome {
  const place = `/${way}/${name}/`;
  const paths = Object.keys(server).filter((path) => path.startsWith(place));
  const outcome = {
    client: client[`/${way}/${name}`],
    server: Object.fromEntries(paths.map((path) => [path, server[path]])),
  };
  const text = JSON.stringify(outcome, withoutEmptyData);
  return JSON.parse(text.replaceAll(place, '/'));
}

// A proxy may end a message with its head instead of an empty frame (RFC 9113 8.1).
function withoutEmptyData(_key: string, value: unknown): unknown {
  const isEmpty = (one: unknown) => Array.isArray(one) && one[0] === 'data' && one[1] === 0;
  return Array.isArray(value) ? value.filter((one) => !isEmpty(one)) : value;
}

/** What is expected through the proxy, which repeats a request that its server refuses (RFC 9113 8.7). */
function throughProxy(name: string, { client, server }: Outcome): Outcome {
  const attempts = h2Scripts[name]?.attempts;
  if (attempts === undefined) return { client, server };
  const repeat = (seen: readonly Seen[]) => Array<Seen>(attempts).fill(seen[0] ?? []);
  return {
    client,
    server: Object.fromEntries(Object.entries(server).map(([path, seen]) => [path, repeat(seen)])),
  };
}

/** Expects an entry for each request of a script, with the bytes and trailers that both sides received. */
function expectRecorded(
  entries: readonly HarEntry[],
  client: ClientSaw,
  server: ServerSaw,
  place: string,
): void {
  for (const [at, answer] of Object.entries(client[place] ?? {})) {
    const path = `${place}/${at}`;
    const found = entries.filter(({ request }) => new URL(request.url).pathname === path);
    const recorded = found.map(({ request, response }) => {
      const { text = '', _encoding } = request.postData ?? {};
      const { content } = response;
      return {
        request: digest(text, _encoding),
        requestTrailers: request._trailers ?? [],
        status: String(response.status),
        response: digest(content.text ?? '', content.encoding),
        responseTrailers: response._trailers ?? [],
      };
    });
    const request = server[path]?.at(-1) ?? [];
    const expected = {
      request: lastOf(request, 'data')?.[2] ?? digest(''),
      requestTrailers: trailersOf(request),
      status: statusOf(answer),
      response: lastOf(answer, 'data')?.[2] ?? digest(''),
      responseTrailers: trailersOf(answer),
    };
    expect.soft(recorded, path).toEqual([expected]);
  }
}

function digest(text: string, encoding?: string): string {
  const bytes = Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
  return createHash('sha256').update(bytes).digest('hex');
}

function lastOf(seen: Seen, kind: string) {
  return seen.findLast(([name]) => name === kind);
}

function fieldsOf(seen: Seen, kind: string) {
  return (lastOf(seen, kind)?.[1] ?? []) as readonly [string, string][];
}

function trailersOf(seen: Seen) {
  return fieldsOf(seen, 'trailers').map(([name, value]) => ({ name, value }));
}

function statusOf(seen: Seen): string {
  return fieldsOf(seen, 'answer').find(([name]) => name === ':status')?.[1] ?? '0';
}
