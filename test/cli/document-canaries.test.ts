import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { formatIds } from '../../src/exporters/index.ts';
import { newPlace } from '../helpers/cli.ts';
import { plantedDocuments } from '../helpers/document-canaries.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { filesBelow, leaksIn } from '../helpers/leaks.ts';

const { collection, environment, places } = plantedDocuments();
const canaries = [...places.keys()];

const inputs: readonly [string, Readonly<Record<string, unknown>>][] = [
  [
    'a collection and an environment',
    { 'in.postman_collection.json': collection, 'in.postman_environment.json': environment },
  ],
  [
    'a data dump',
    { 'dump.json': { version: 1, collections: [collection], environments: [environment] } },
  ],
];

test('there are 300 different canaries', () => {
  expect(new Set(canaries).size).toBeGreaterThanOrEqual(300);
});

test.each(inputs)(
  'no secret in %s appears in any format, message or file name',
  async (_, files) => {
    const { folder } = await newPlace();
    const paths: string[] = [];
    for (const [name, value] of Object.entries(files)) {
      paths.push(`${folder}/${name}`);
      await writeFile(`${folder}/${name}`, JSON.stringify(value));
    }
    const place = await newPlace();
    const leaks = new Set<string>();
    const look = (what: string, text: string) => {
      for (const value of canaries)
        if (leaksIn(text, [value]).length > 0) leaks.add(`${places.get(value)} in ${what}`);
    };
    for (const id of formatIds) {
      const output = id === 'postman-v3' ? 'out-v3/' : `out-${id}.json`;
      const end = await runInProcess(place, ['convert', ...paths, '-f', id, '-o', output]);
      expect(end.code, end.stderr).toBe(0);
      look(`what ${id} says`, end.stdout + end.stderr);
    }
    const written = await filesBelow(place.folder);
    expect(written.size).toBeGreaterThan(formatIds.length);
    for (const [path, text] of written) look(path.slice(place.folder.length), `${path}\n${text}`);
    expect([...leaks]).toEqual([]);
  },
  240_000,
);
