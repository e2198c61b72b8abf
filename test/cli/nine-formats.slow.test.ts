import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { convert as readCurl } from 'curl-to-postmanv2';
import transformer from 'postman-collection-transformer';
import { expect, test } from 'vitest';
import type { Exchange, Header } from '../../src/exchange.ts';
import { formatIds } from '../../src/exporters/index.ts';
import { newPlace, type Place, runCli } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { type SeenRequest, startEchoServer } from '../helpers/echo-server.ts';
import { harComplaints, renderAs } from '../helpers/har.ts';
import { hardRecording } from '../helpers/hard-recording.ts';
import { everyByte } from '../helpers/hard-requests.ts';
import { isUnknownToHttpyac, sendWithHttpyac } from '../helpers/httpyac.ts';
import { open } from '../helpers/inputs.ts';
import { namesFile } from '../helpers/named-files.ts';
import { openApiComplaints } from '../helpers/redocly.ts';
import { expectSame } from '../helpers/replays.ts';
import { lintCollection, runCollection } from '../helpers/runners.ts';
import { runScript } from '../helpers/scripts.ts';

type Judged = { readonly place: Place; readonly path: string };

/** Who says of a format that what was written is right, and what the file is called. */
type Judge = readonly [output: string, says: (judged: Judged) => Promise<void>];

const judges: Readonly<Record<string, Judge>> = {
  postman: ['hard.postman_collection.json', newmanReplays],
  'postman-v2.0': ['hard.v2.json', newmanReplays],
  'postman-v1': ['hard.postman_collection', newmanReplaysWhatPostmanMakesOfIt],
  'postman-v3': ['hard/', postmanCliLintsAndReplays],
  har: ['hard.har', harSchemaAccepts],
  ndjson: ['hard.ndjson', harSchemaAcceptsEachLine],
  openapi: ['hard.openapi.yaml', redoclyAccepts],
  curl: ['hard.sh', curlReplays],
  http: ['hard.http', httpyacReplays],
};

/** Writes the fixture recording in a format, as a person would. */
async function converted(format: string, ...options: string[]): Promise<Judged> {
  const place = await newPlace();
  await writeFile(place.path('in'), await renderAs('ndjson', hardRecording()));
  const [output = ''] = judges[format] ?? [];
  const args = [
    'convert',
    'in',
    '-o',
    output,
    '-f',
    format,
    '--secrets',
    'keep',
    '--no-dedupe',
    '--group',
    'none',
    ...options,
  ];
  const { code, stderr } = await runCli(place, args);
  expect(code, stderr).toBe(0);
  return { place, path: place.path(output) };
}

test('every format has a test by another program', () => {
  expect(Object.keys(judges).sort()).toEqual([...formatIds].sort());
});

async function judge(format: string): Promise<void> {
  const [, says] = judges[format] ?? [];
  await says?.(await converted(format));
}

test.each(formatIds.filter((id) => id !== 'curl'))(
  'the fixture recording in %s is accepted by who reads it',
  { timeout: 180_000 },
  judge,
);

testWith('curl', '--version')('the fixture recording in curl is accepted by who reads it', () =>
  judge('curl'),
);

test.each(['har', 'ndjson', 'postman', 'postman-v2.0', 'postman-v1', 'postman-v3'])(
  'and comes back from %s',
  async (format) => {
    const { path } = await converted(format, '--restricted-headers');
    const found: SeenRequest[] = [];
    for await (const { request, webSocket } of (await open(path)).read()) {
      const body = Buffer.from((await request.body?.bytes()) ?? []);
      const { method, headers } = request;
      if (webSocket === undefined) found.push({ method, target: targetOf(request), headers, body });
    }
    const all = await requests();
    // A collection names files, which are not read, and version 3 has no such header.
    const left = new Set<string>();
    for (const one of format.startsWith('postman') ? all : [])
      if (await namesFile(one)) left.add(targetOf(one.request));
    // Runners send methods in capitals.
    if (format.startsWith('postman')) left.add('/lower');
    if (format === 'postman-v3') left.add('/proto');
    await expectSame(
      found.filter(({ target }) => !left.has(target)),
      all.filter(({ request }) => !left.has(targetOf(request))),
    );
  },
);

type Request = Exchange['request'];

const hasNamedFile = ({ url }: Pick<Request, 'url'>) => /\/multipart(-folder)?$/.test(url);

function targetOf({ url }: Request): string {
  return /^\w+:\/\/[^/?]*(.*)$/.exec(url)?.[1] || '/';
}

/** The requests of the fixture recording as one server would see them. */
async function requests(wanted: (exchange: Exchange) => boolean = () => true): Promise<Exchange[]> {
  const list: Exchange[] = [];
  for await (const one of hardRecording().read()) {
    if (one.webSocket !== undefined || !wanted(one)) continue;
    list.push({
      ...one,
      request: { ...one.request, url: `http://all.test${targetOf(one.request)}` },
    });
  }
  return list;
}

/**
 * As Postman's runtime sends them: it knows methods in capitals only and no backslash in a URL. What it makes of headers
 * that are called as what every object has differs from program to program.
 */
async function asPostmanSends(): Promise<Exchange[]> {
  return (await requests()).map(({ request, ...one }) => ({
    ...one,
    request: {
      ...request,
      method: request.method.toUpperCase(),
      headers: request.headers.filter(isNoTrap),
      url: request.url.replaceAll('\\', '/'),
    },
  }));
}

const isNoTrap = ([name]: Header) => !(name in {});

/** Fails unless a server saw what Postman's runtime makes of the fixture recording. */
async function expectReplayed(
  seen: readonly SeenRequest[],
  isCompared: (request: Pick<Request, 'url'>) => boolean = () => true,
): Promise<void> {
  await expectSame(
    seen
      .filter(({ target }) => isCompared({ url: target }))
      .map((one) => ({ ...one, headers: one.headers.filter(isNoTrap) })),
    (await asPostmanSends()).filter(({ request }) => isCompared(request)),
  );
}

const HOSTS =
  /https?:\/\/(?:ada:l0ve@)?(?:api\.test|files\.test:8443|chat\.test|\[::1\]:8080)(?![\w.:-])/g;

/** The file with all hosts where a person would write others: one server that is there. */
async function moveTo(origin: string, path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(HOSTS, origin));
}

/** Parts of a URL that spell a host out do not move with its text. */
function withoutUrlParts(_: string, value: unknown): unknown {
  const { raw, protocol } = (value ?? {}) as { raw?: unknown; protocol?: unknown };
  return protocol === undefined ? value : raw;
}

async function newmanReplays({ path }: Judged): Promise<void> {
  const { origin, seen } = await startEchoServer();
  await moveTo(origin, path);
  const collection = JSON.parse(await readFile(path, 'utf8'), withoutUrlParts);
  await writeFile(path, JSON.stringify(collection));
  await runCollection('newman', path);
  await expectReplayed(seen);
}

async function newmanReplaysWhatPostmanMakesOfIt({ path }: Judged): Promise<void> {
  const { origin, seen } = await startEchoServer();
  await moveTo(origin, path);
  const old = JSON.parse(await readFile(path, 'utf8'));
  const versions = { inputVersion: '1.0.0', outputVersion: '2.1.0' };
  const collection = await promisify(transformer.convert)(old, versions);
  await writeFile(`${path}.json`, JSON.stringify(collection));
  await runCollection('newman', `${path}.json`);
  await expectReplayed(seen);
}

async function postmanCliLintsAndReplays({ path }: Judged): Promise<void> {
  await lintCollection(path);
  const { origin, seen } = await startEchoServer();
  for (const name of await readdir(path, { recursive: true }))
    if (name.endsWith('.yaml')) await moveTo(origin, join(path, name));
  await runCollection('postman', path.replace(/\/$/, ''));
  expect(seen.filter(({ body }) => body.includes(everyByte)).length).toBeGreaterThan(2);
  await expectReplayed(seen, (request) => !hasNamedFile(request));
  // A file is sent under its name on disk, and a file that was not chosen is not sent.
  const upload = seen.find(({ target }) => target === '/multipart')?.body.toString('latin1');
  expect(upload).toMatch(
    /name="file"; filename="\w+-photo_1.png"\r\nContent-Type: image\/png\r\n\r\n/,
  );
}

async function harSchemaAccepts({ path }: Judged): Promise<void> {
  const har = JSON.parse(await readFile(path, 'utf8'));
  expect(harComplaints(har)).toBeNull();
  expect(har.log.entries).toHaveLength(hardRecording().size);
}

async function harSchemaAcceptsEachLine({ path }: Judged): Promise<void> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const entries = lines.map((line) => JSON.parse(line));
  const creator = { name: 'test', version: '1' };
  expect(harComplaints({ log: { version: '1.2', creator, entries } })).toBeNull();
  expect(entries).toHaveLength(hardRecording().size);
}

async function redoclyAccepts({ path }: Judged): Promise<void> {
  expect(await openApiComplaints(path)).toEqual([]);
}

/** Node's server refuses methods in small letters. */
function isKnownToServer({ request: { method } }: Exchange): boolean {
  return method === method.toUpperCase();
}

async function curlReplays({ place, path }: Judged): Promise<void> {
  const { origin, seen } = await startEchoServer();
  const text = await readFile(path, 'utf8');
  const names = [...text.matchAll(/^(\w+_URL)=/gm)].map(([, name = '']) => [name, origin]);
  const { stderr } = await runScript(place.folder, text, Object.fromEntries(names));
  expect(stderr).toBe('');
  await expectSame(seen, await requests(isKnownToServer));
  const calls = text.split(/\n\n# /).flatMap((block) => /^curl .*/ms.exec(block) ?? []);
  expect(calls.length).toBeGreaterThan(seen.length - 4);
  for (const data of calls) {
    // A method that Postman does not know, and a form that is not UTF-8.
    if (/M-SEARCH|%FC/.test(data)) continue;
    const { result } = await promisify(readCurl)({ type: 'string', data });
    expect([result, data]).toEqual([true, data]);
  }
}

async function httpyacReplays({ path }: Judged): Promise<void> {
  const { origin, seen } = await startEchoServer();
  await moveTo(origin, path);
  await sendWithHttpyac(path);
  const asked = await requests(
    (one) => isKnownToServer(one) && !isUnknownToHttpyac({ target: targetOf(one.request) }),
  );
  // Its client writes URLs as the URL Standard has it.
  const standard = ({ request: { url } }: Exchange) => {
    const { pathname, search } = new URL(url.replaceAll('{{', '%7B{').replace('\\', '%5C'));
    return pathname + search;
  };
  expect(seen.map(({ method, target }) => `${method} ${target}`)).toEqual(
    asked.map((one) => `${one.request.method} ${standard(one)}`),
  );
  for (const [at, { request }] of asked.entries()) {
    const body = Buffer.from((await request.body?.bytes()) ?? []).toString('latin1');
    const isForm = request.headers.some(([, value]) => value.startsWith('multipart/'));
    // What follows the last boundary says nothing (RFC 2046, 5.1.1).
    expect(seen[at]?.body.toString('latin1')).toBe(isForm ? body.replace(/\r\n$/, '') : body);
  }
}
