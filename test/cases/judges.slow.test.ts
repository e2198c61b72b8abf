import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange.ts';
import { caseFile } from '../helpers/cases.ts';
import { newPlace, type Place, runCli } from '../helpers/cli.ts';
import { type SeenRequest, startEchoServer } from '../helpers/echo-server.ts';
import { harComplaints } from '../helpers/har.ts';
import { open } from '../helpers/inputs.ts';
import { openApiComplaints } from '../helpers/redocly.ts';
import { expectSame } from '../helpers/replays.ts';
import { lintCollection, runCollection } from '../helpers/runners.ts';
import { runScript } from '../helpers/scripts.ts';

const files = [
  ...['yaml-1.1/in.har', 'yaml-1.1/in2.har', 'har-fragment/in.har', 'har-header-array/in.har'],
  ...['har-no-date/in.har', 'har-params-mimetype/in.har', 'har-params-mimetype/no-boundary.har'],
  ...['har-cookies-only/in.har', 'imported-host/in.har', 'openapi-ref-in-example/in.har'],
  ...['openapi-multipart/in.har', 'openapi-status/in.har', 'openapi-big-integer/in.har'],
];

type Converted = { readonly place: Place; readonly path: string };

/** The cases as one recording of calls to this server, converted by the real binary. */
async function converted(output: string, origin = 'http://api.test'): Promise<Converted> {
  const place = await newPlace();
  const names: string[] = [];
  for (const [index, file] of files.entries()) {
    const name = `${index}.har`;
    await writeFile(
      place.path(name),
      oneAfterAnother(await readFile(caseFile(file), 'utf8'), origin),
    );
    names.push(name);
  }
  const options = ['--secrets', 'keep', '--no-dedupe', '--group', 'none'];
  const { code, stderr } = await runCli(place, ['convert', ...names, '-o', output, ...options]);
  expect(code, stderr).toBe(0);
  return { place, path: place.path(output) };
}

let lastMoment = Date.parse('2024-05-01T12:00:00Z');

/** Calls to this server with moments of their own; those that began together are put in an order by their names. */
function oneAfterAnother(har: string, origin: string): string {
  return har
    .replace(/https?:\/\/(?:a\.test|api\.test|127\.0\.0\.1:7734)(?=\/)/g, origin)
    .replace(/(?<="startedDateTime":\s*")[^"]*/g, () => {
      lastMoment += 1000;
      return new Date(lastMoment).toISOString();
    });
}

/** What the cases hold, in order of time. */
async function recorded(origin: string): Promise<Exchange[]> {
  const { path } = await converted('all.har', origin);
  const exchanges: Exchange[] = [];
  for await (const exchange of (await open(path)).read()) exchanges.push(exchange);
  return exchanges;
}

/** Version 3 has no place for the name that a file was sent under: it is sent under that of the file that was stored. */
function withoutDigests({ body, ...request }: SeenRequest): SeenRequest {
  const text = body.toString('latin1').replace(/(?<=filename=")[\da-f]{16}-/g, '');
  return { ...request, body: Buffer.from(text, 'latin1') };
}

test('har-schema accepts the HAR file of the cases', async () => {
  const { place } = await converted('all.har');
  expect(harComplaints(await place.json('all.har'))).toBeNull();
});

test('Redocly lints and bundles the OpenAPI document of the cases without complaints', async () => {
  const { path } = await converted('all.openapi.yaml');
  expect(await openApiComplaints(path)).toEqual([]);
});

test.each([
  ['newman', 'all.postman_collection.json'],
  ['postman', 'all/'],
] as const)('%s sends the requests of the collection of the cases', async (runner, output) => {
  const { origin, seen } = await startEchoServer();
  const { path } = await converted(output, origin);
  if (output.endsWith('/')) await lintCollection(path);
  await runCollection(runner, path);
  await expectSame(seen.map(withoutDigests), await recorded(origin));
});

test('curl sends the requests of the script of the cases', async () => {
  const { origin, seen } = await startEchoServer();
  const { place, path } = await converted('all.sh', origin);
  const { code, stderr } = await runScript(place.folder, await readFile(path));
  expect(code, stderr).toBe(0);
  await expectSame(seen, await recorded(origin));
});
