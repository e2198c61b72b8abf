import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newPlace, runCli } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { newFolder } from '../helpers/folder.ts';
import { httpsUpstream, httpUpstream } from '../helpers/upstream.ts';

test('a recording with nothing in it says why, and writes only the files that were asked for by name', async () => {
  const place = await newPlace();
  const { code, stderr } = await runCli(place, ['save', '--', 'true']);
  expect(code, stderr).toBe(0);
  expect(await readdir(place.folder)).toEqual([]);
  expect(stderr).toContain('"msg":"Recorded nothing."');
  expect(stderr).toContain('No request of true came through the proxy.');
  expect(stderr).not.toContain('Wrote');

  await writeFile(place.path('t.json'), 'of an earlier run');
  await runCli(place, ['save', '-o', 't.json', '--', 'true']);
  expect(await place.json('t.json')).toMatchObject({ item: [] });
});

test('fewer exchanges than --min are still an exit code of 3', async () => {
  const place = await newPlace();
  const args = ['save', '-o', 't.json', '--min', '1', '--', 'true'];
  expect((await runCli(place, args)).code).toBe(3);
});

test('standard output gets a document all the same', async () => {
  const { stdout } = await runCli(await newPlace(), ['save', '-o', '-', '--', 'true']);
  expect(JSON.parse(stdout)).toMatchObject({ item: [] });
});

testWith('curl', '--version')('filters that left everything out are named', async () => {
  const upstream = await httpUpstream((_, response) => response.end());
  const place = await newPlace();
  const args = ['save', '-o', 't.json', '--host', 'other.test', '--', 'curl', '-s', upstream.url];
  const { stderr } = await runCli(place, args);
  expect(stderr).toContain('All exchanges were filtered out. See: pmproxy save --help');
});

testWith('curl', '--version')('a client that refuses our certificate is named', async () => {
  const upstream = await httpsUpstream((_, response) => response.end());
  const place = await newPlace();
  const curl = ['curl', '-s', '--cacert', '/etc/ssl/certs/ca-certificates.crt', upstream.url];
  const { stderr } = await runCli(place, ['save', '-o', 't.json', '--insecure', '--', ...curl]);
  expect(stderr).toContain('A client refused the certificate for localhost.');
  expect(stderr).toContain('--passthrough localhost');
});

test('a program in Go is told from others', async () => {
  const place = await newPlace();
  const script = Buffer.from('#!/bin/sh\n# \xff Go buildinf:\n', 'latin1');
  await writeFile(place.path('program'), script, { mode: 0o755 });
  const { stderr } = await runCli(place, ['save', '-o', 't.json', '--', './program']);
  expect(stderr).toContain('It is written in Go, which uses no proxy for localhost');
});

test('a command that is a folder is named as one', async () => {
  const place = await newPlace();
  const { code, stderr } = await runCli(place, ['save', '-o', 't.json', '--', await newFolder()]);
  expect(code).toBe(126);
  expect(stderr).toMatch(/is a directory/);
  expect(existsSync(join(place.folder, 't.json'))).toBe(false);
});
