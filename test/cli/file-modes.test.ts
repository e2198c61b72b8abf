import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newPlace, type Place, runCli, startCli } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** What everybody may read: certificates, and what says where they are. */
const PUBLIC = new Set([
  'ca.pem',
  'exported.pem',
  'ca-bundle.pem',
  'java-roots.jks',
  'pmproxy.ini',
]);

/** Larger than what is kept in memory of a body. */
const UPLOAD_BYTES = 3_000_000;

/** Asks for two addresses, one with an upload, then says which files there are while it runs. */
const asking = (url: string, folders: readonly string[]) => `
  const { readdirSync, statSync } = await import('node:fs');
  const body = Buffer.alloc(${UPLOAD_BYTES}, 1);
  const headers = { authorization: 'Bearer s3cr3t-t0ken', 'content-type': 'application/octet-stream' };
  await (await fetch('${url}/upload', { method: 'POST', headers, body })).text();
  await (await fetch('${url}/page?otp=839201')).text();
  const seen = ${JSON.stringify(folders)}.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => {
      const found = statSync(folder + '/' + name);
      return [name, (found.mode & 0o777).toString(8), found.isDirectory()];
    }));
  process.stdout.write(JSON.stringify(seen));
`;

type Seen = readonly [path: string, mode: string, isFolder: boolean];

async function filesIn(folder: string): Promise<Seen[]> {
  const found = await readdir(folder, { recursive: true });
  return Promise.all(
    found.map(async (name): Promise<Seen> => {
      const entry = await stat(join(folder, name));
      return [name, (entry.mode & 0o777).toString(8), entry.isDirectory()];
    }),
  );
}

const wrong = (seen: readonly Seen[]) =>
  seen.filter(([path, mode, isFolder]) => {
    const isPublic = PUBLIC.has(path.split('/').at(-1) ?? '');
    return mode !== (isFolder ? '700' : isPublic ? '644' : '600');
  });

const names = (seen: readonly Seen[]) => seen.map(([path]) => path).join('\n');

async function run(place: Place, umask: string, args: readonly string[]): Promise<string> {
  const through = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
  const { code, stderr, stdout } = await runCli(place, args, { through });
  expect(code, stderr).toBe(0);
  return stdout;
}

const upstream = () =>
  httpUpstream((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('set-cookie', 'sid=31d4d96e407aad42');
      response.setHeader('content-type', 'application/octet-stream');
      response.end(Buffer.alloc(1000, 0xfe));
    });
  });

/** So that the authority is made as well. */
async function emptyPlace(): Promise<Place> {
  const place = await newPlace();
  await Promise.all(['ca.pem', 'ca-key.pem'].map((name) => rm(join(place.home, name))));
  return place;
}

const outputs = [
  't.postman_collection.json',
  'v3/',
  't.v1.postman_collection',
  't.har',
  't.ndjson',
  't.openapi.yaml',
  't.sh',
  't.http',
].flatMap((output) => ['-o', output]);

test.each(['000', '022', '077', '777'])(
  'every file of a recording has the expected mode under the umask %s',
  async (umask) => {
    const [place, server] = await Promise.all([emptyPlace(), upstream()]);
    const script = asking(`http://127.0.0.1:${server.port}`, [place.folder, place.home]);
    const command = ['--', process.execPath, '--input-type=module', '-e', script];
    const options = ['--secrets', 'env', '--cookie-jar', 'jar.json', '--ready-file', 'ready.json'];
    const during: Seen[] = JSON.parse(
      await run(place, umask, ['save', ...outputs, ...options, ...command]),
    );
    expect(wrong(during)).toEqual([]);
    expect(names(during)).toMatch(/journals\/[\w-]+\/exchanges\.ndjson/);
    expect(names(during)).toMatch(/ready\.json/);
    expect(names(during)).toMatch(/java-roots\.jks/);
    await run(place, umask, ['ca', 'export', 'exported.pem']);
    await run(place, umask, ['env', '--shell', 'json']);
    const after = [...(await filesIn(place.folder)), ...(await filesIn(place.home))];
    expect(wrong(after)).toEqual([]);
    expect(names(after)).toMatch(/v3\/.*\.yaml/);
    expect(names(after)).toMatch(/\.files\//);
    expect(names(after)).toMatch(/postman_environment/);
    expect(names(after)).toMatch(/jar\.json/);
  },
  240_000,
);

test.each(['000', '777'])(
  'every file of a client and of a push to it has the expected mode under the umask %s',
  async (umask) => {
    const [place, server] = await Promise.all([emptyPlace(), upstream()]);
    const through = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
    const listening = [
      'client',
      '--port',
      '0',
      '--ready-file',
      'ready.json',
      '--history',
      'history',
    ];
    const client = startCli(place, listening, { through });
    const { url } = await eventually(() => place.json<{ url: string }>('ready.json'));
    const script = asking(`http://127.0.0.1:${server.port}`, [place.folder, place.home]);
    const command = ['--', process.execPath, '--input-type=module', '-e', script];
    const during: Seen[] = JSON.parse(
      await run(place, umask, ['sync', '--client', url, ...command]),
    );
    expect(wrong(during)).toEqual([]);
    expect(names(during)).toMatch(/clients\/\d+\.json/);
    expect(names(during)).toMatch(/history\/entries-\d+\.ndjson/);
    await client.end('SIGTERM');
    expect(wrong(await filesIn(place.folder))).toEqual([]);
  },
  240_000,
);
