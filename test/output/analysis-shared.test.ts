import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Exchange, Recording } from '../../src/exchange.ts';
import { formatIds } from '../../src/exporters/index.ts';
import { readRecordedOptions } from '../../src/options/recorded.ts';
import { readWrittenOptions } from '../../src/options/written.ts';
import { planRenderings } from '../../src/output/plan.ts';
import { render } from '../../src/output/render.ts';
import { newPlace, runCli } from '../helpers/cli.ts';
import { type ExchangeParts, exchange, recordingOf } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { renderAs } from '../helpers/har.ts';

/** Counts how often a recording is read whole. */
function counted(exchanges: readonly Exchange[]): Recording & { readings: number } {
  const recording = recordingOf(exchanges);
  const counting = {
    ...recording,
    readings: 0,
    read(places?: Iterable<number>) {
      counting.readings += 1;
      return recording.read(places);
    },
  };
  return counting;
}

async function write(exchanges: readonly Exchange[], names: readonly string[], given = {}) {
  const folder = await newFolder();
  const output = names.map((name) => join(folder, name));
  const written = readWrittenOptions(formatIds, { output, ...given });
  const recording = counted(exchanges);
  const options = { ...readRecordedOptions(given), ...written };
  await render({ recording }, await planRenderings(written), options);
  return { recording, text: (name: string) => readFile(join(folder, name), 'utf8') };
}

const login: ExchangeParts = {
  method: 'POST',
  url: 'https://api.test/login',
  headers: [['Content-Type', 'application/json']],
  body: '{"password":"hunter2-x9Kq"}',
  response: {
    headers: [['Content-Type', 'application/json']],
    body: '{"access_token":"q7Rk2mX9vB4tL0pZ"}',
  },
};
const me: ExchangeParts = {
  url: 'https://api.test/me',
  headers: [
    ['Authorization', 'Bearer q7Rk2mX9vB4tL0pZ'],
    ['Cookie', 'sid=z0Pt4bX2kR9mV7qLw8'],
  ],
};

test('a recording is read once for all outputs, and once for each of them', async () => {
  const exchanges = [login, me].map(exchange);
  const { recording } = await write(exchanges, ['a.json', 'b.har', 'c.openapi.yaml']);
  expect(recording.readings).toBe(1 + 3);
});

test('a secret has the same variable in every output', async () => {
  const exchanges = [login, me].map(exchange);
  const names = ['b.har', 'a.json', 'c.sh', 'd.http', 'e.ndjson'];
  const { text } = await write(exchanges, names, { secrets: 'env' });
  for (const name of names) {
    const written = await text(name);
    expect(written).not.toContain('q7Rk2mX9vB4tL0pZ');
    expect(written).toMatch(/Bearer (?:\$\{|\{\{)bearer_token\b/);
  }
  const environment = JSON.parse(await text('a.postman_environment.json'));
  const values = environment.values.map(({ key, value }: Record<string, string>) => [key, value]);
  expect(values).toContainEqual(['bearer_token', 'q7Rk2mX9vB4tL0pZ']);
});

test('an output tells of its own secrets only', async () => {
  const exchanges = [login, me].map(exchange);
  const { text } = await write(exchanges, ['b.har', 'a.json'], { secrets: 'env' });
  expect(await text('b.har')).toContain('{{cookie_sid}}');
  expect(await text('a.json')).not.toContain('cookie_sid');
  expect(await text('a.postman_environment.json')).not.toContain('cookie_sid');
});

test('outputs that keep other headers take other requests for identical', async () => {
  const exchanges = ['a', 'b'].map((agent) =>
    exchange({ url: 'https://api.test/', headers: [['User-Agent', agent]] }),
  );
  const { text } = await write(exchanges, ['a.json', 'b.sh', 'c.openapi.yaml']);
  expect(JSON.parse(await text('a.json')).item).toHaveLength(1);
  expect((await text('b.sh')).match(/^curl /gm)).toHaveLength(2);
  expect(Object.keys(parse(await text('c.openapi.yaml')).paths)).toEqual(['/']);
});

test('a recorded request beside a collection is replayed as it was sent', async () => {
  const place = await newPlace();
  const recorded = exchange({
    url: 'https://api.test/recorded',
    headers: [
      ['X-Twice', '1'],
      ['x-twice', '2'],
    ],
    body: Buffer.from([0, 255]),
  });
  await writeFile(place.path('a.har'), await renderAs('har', [recorded]));
  const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
  const item = [{ name: 'written', request: { method: 'GET', url: 'https://b.test/' } }];
  await writeFile(place.path('b.json'), JSON.stringify({ info: { name: 'b', schema }, item }));
  const { code, stderr } = await runCli(place, ['convert', 'a.har', 'b.json', '-o', 'c.sh']);
  expect(code, stderr).toBe(0);
  const script = await place.read('c.sh');
  expect(script).toContain('# b / written\ncurl -q -sS -L ');
  expect(script).toContain("-H 'X-Twice: 1' \\\n  -H 'x-twice: 2'");
  expect(script).toMatch(/--data-binary '?@c\.files/);
});
