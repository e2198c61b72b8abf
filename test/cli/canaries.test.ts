import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { formatIds } from '../../src/exporters/index.ts';
import { echoOf, planted, plants } from '../helpers/canaries.ts';
import { newPlace } from '../helpers/cli.ts';
import { renderAs } from '../helpers/har.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { filesBelow, leaksIn } from '../helpers/leaks.ts';

const places = Object.keys(plants).map((name) => ({ name, ...planted(name) }));
const placeOf = new Map(
  places.flatMap(({ name, canaries }) => canaries.map(({ value }) => [value, name] as const)),
);
const canaries = [...placeOf.keys()];
// The request that repeats the values comes before those that show that they are secrets.
const recording = [echoOf(canaries), ...places.flatMap(({ exchanges }) => exchanges)];

test('there are 500 different canaries', () => {
  expect(new Set(canaries).size).toBeGreaterThanOrEqual(500);
});

test.each(['har', 'ndjson'] as const)(
  'none of the 500 secrets in a recording (%s) appears in any format, message or environment',
  async (format) => {
    const place = await newPlace();
    const text = await renderAs(format, recording);
    expect(canaries.filter((value) => !text.includes(value))).toEqual([]);
    const input = `${(await newPlace()).folder}/in.${format}`;
    await writeFile(input, text);
    const said: string[] = [];
    for (const id of formatIds) {
      const name = id === 'postman-v3' ? 'out-v3/' : `out-${id}.json`;
      const args = ['convert', input, '-f', id, '-o', name, '--no-dedupe', '--tests'];
      const end = await runInProcess(place, args);
      expect(end.code, end.stderr).toBe(0);
      said.push(end.stderr, end.stdout);
    }
    expect(leaksIn(said.join('\n'), canaries)).toEqual([]);
    const files = await filesBelow(place.folder);
    expect(files.size).toBeGreaterThan(formatIds.length);
    const leaks = [...files].flatMap(([path, written]) =>
      canaries
        .filter((value) => leaksIn(written, [value]).length > 0)
        .map((value) => `${placeOf.get(value)} in ${path.slice(place.folder.length)}`),
    );
    expect([...new Set(leaks)]).toEqual([]);
  },
  240_000,
);
