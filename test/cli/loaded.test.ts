import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { newPlace, spawnIn } from '../helpers/cli.ts';

const dist = new URL('../../dist/', import.meta.url);

/** Runs the modules that the bundle is made of; returns those that were loaded, below dist or by package. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const place = await newPlace();
  const list = place.path('loaded');
  await writeFile(
    place.path('hooks.mjs'),
    `import { appendFileSync } from 'node:fs';
     export async function load(url, context, next) {
       appendFileSync(${JSON.stringify(list)}, url + '\\n');
       return next(url, context);
     }`,
  );
  await writeFile(
    place.path('main.mjs'),
    `import { register } from 'node:module';
     register('./hooks.mjs', import.meta.url);
     const { main } = await import(${JSON.stringify(new URL('cli.js', dist).href)});
     process.exitCode = await main(process.argv.slice(2));`,
  );
  const node = [process.execPath, place.path('main.mjs')];
  const { code, stderr } = await spawnIn(place, [...node, ...args], {}).ended;
  expect(code, stderr).toBe(0);
  const urls = (await readFile(list, 'utf8')).trim().split('\n');
  const paths = urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
  return paths.map((path) => path.replace(/^.*\/(?:node_modules|dist)\//, ''));
}

const RARE =
  /^(?:analysis\/(?:analysis|items)|document|importers|hub|mock|compare|calls|sync\/push\/(?!address)|launch\/isolate|launch\/browsers\/find|yaml|tough-cookie|protobufjs|@bufbuild|qrcode|node-forge|socks|ws|yauzl)\b/;

test('a run that records nothing loads neither what writes formats nor what other runs need', async () => {
  const loaded = await loadedBy(['save', '-q', '--', 'true']);
  expect(loaded).toContain('commands/save.js');
  expect(loaded.filter((path) => RARE.test(path))).toEqual([]);
});

test('the list of commands loads none of them', async () => {
  const loaded = await loadedBy(['--help']);
  expect(loaded).toContain('cli.js');
  const commands = /^(?:commands\/(?!command\.)|proxy|record|session|exporters|mockttp|pino)\b/;
  expect(loaded.filter((path) => commands.test(path))).toEqual([]);
});
