import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { casePath, convert, convertToFolder, stored } from '../helpers/documents.ts';
import { newFolder } from '../helpers/folder.ts';
import { meaningOf } from '../helpers/meaning.ts';
import { lintCollection, migrateCollection } from '../helpers/runners.ts';

const everything = casePath('everything');
const keep = { secrets: 'keep' } as const;

/** The YAML of a collection v3 by path, without the ids that are made up. */
async function documentsIn(folder: string): Promise<Record<string, unknown>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    const { id: _, ...document } = parse(await readFile(path, 'utf8'));
    for (const auth of [document.auth ?? []].flat()) delete auth.id;
    return [relative(folder, path), document] as const;
  });
  return Object.fromEntries((await Promise.all(read)).sort());
}

describe('a collection with everything in it', () => {
  test('keeps its meaning from version 2.1 to 2.1, to 3 and back to 2.1', async () => {
    const expected = await meaningOf(everything);
    const again = await convert(everything, 'postman', keep);
    expect(again.losses).toEqual([]);
    const second = await stored(again.text);
    expect(await meaningOf(second)).toEqual(expected);
    const { folder, losses } = await convertToFolder(second, keep);
    expect(losses).toEqual([]);
    expect(await meaningOf(folder)).toEqual(expected);
    const back = await convert(folder, 'postman', keep);
    expect(await meaningOf(await stored(back.text))).toEqual(expected);
  });

  test('keeps its meaning in version 2.0', async () => {
    const { text, losses } = await convert(everything, 'postman-v2.0', keep);
    expect(losses).toEqual([]);
    expect(await meaningOf(await stored(text))).toEqual(await meaningOf(everything));
  });

  test('keeps its meaning in version 1, which lists folders before requests', async () => {
    const { text, losses } = await convert(everything, 'postman-v1', keep);
    expect(losses).toEqual([{ kind: 'the position of folders that come after requests', place: ['Inner'] }]);
    const sorted = (events: unknown[]) => events.map((event) => JSON.stringify(event)).sort();
    expect(sorted(await meaningOf(await stored(text)))).toEqual(
      sorted(await meaningOf(everything)),
    );
  });

  test('is written in version 3 as the Postman CLI migrates it', { timeout: 180_000 }, async () => {
    const migrated = join(await newFolder(), 'migrated');
    await migrateCollection(everything, migrated);
    const { folder } = await convertToFolder(everything, keep);
    expect(await documentsIn(folder)).toEqual(await documentsIn(migrated));
    await lintCollection(folder);
  });
});
