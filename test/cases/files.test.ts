import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { casePath, convert, convertToFolder, eventsIn } from '../helpers/documents.ts';
import { folderWith, openCollection } from '../helpers/inputs.ts';
import { meaningOf } from '../helpers/meaning.ts';

describe('a file that is sent', () => {
  test('is a name in every format and never read', async () => {
    const src = '/Users/someone/Downloads/pic.png';
    const { text } = await convert(casePath('upload-names'), 'postman');
    expect(JSON.parse(text).item[1].request.body.formdata[0]).toEqual({
      key: 'file',
      type: 'file',
      src,
    });
    const { folder } = await convertToFolder(casePath('upload-names'));
    expect(JSON.stringify(await meaningOf(folder))).toContain(`"src":"${src}"`);
    expect((await convert(casePath('upload-names'), 'curl')).text).toContain(`-F 'file=@${src}'`);
    expect((await convert(casePath('upload-names'), 'http')).text).toContain(`\n< ${src}\n`);
  });

  test('is reported by formats for which its name is not enough', async () => {
    const { losses } = await convert(casePath('upload-names'), 'har');
    expect(losses).toEqual([{ kind: 'the contents of uploaded files', place: ['Upload'] }]);
  });
});

describe('a collection in files', () => {
  const shop = casePath('v3-without-definition', 'Shop');

  test('without a definition is named after its folder', async () => {
    expect(await meaningOf(shop)).toMatchObject([
      { name: 'Shop' },
      { name: 'Orders' },
      { name: 'Read', request: { method: 'GET', url: 'https://a.test/orders/1' } },
      'end',
      'end',
      {},
    ]);
  });

  const files = {
    'Shop/.resources/definition.yaml': '$kind: collection\nname: The shop\n',
    'Shop/Orders/.resources/definition.yaml': '$kind: collection\norder: 1000\n',
    'Shop/Orders/Read.request.yaml': '$kind: http-request\nurl: https://a.test/1\nmethod: GET\n',
  };

  test.each(['.resources/definition.yaml', 'Orders/.resources/definition.yaml', 'Orders/Read.request.yaml'])(
    'in which %s cannot be read is a fault',
    async (path) => {
      const folder = join(await folderWith(files), 'Shop');
      // A link to itself cannot be read by anybody, root included.
      await rm(join(folder, path));
      await symlink(join(folder, path), join(folder, path));
      const faults: string[] = [];
      const collection = await openCollection(folder, ({ message }) => faults.push(message));
      await eventsIn(collection);
      expect(faults).toEqual([expect.stringMatching(new RegExp(`Shop: ${path}: ELOOP`))]);
      await expect(async () => eventsIn(await openCollection(folder))).rejects.toThrow(path);
    },
  );

  test('with an unreadable example keeps the request', async () => {
    const folder = join(
      await folderWith({ ...files, 'Shop/Orders/.resources/Read.resources/examples': 'no folder' }),
      'Shop',
    );
    const faults: string[] = [];
    const collection = await openCollection(folder, ({ message }) => faults.push(message));
    const kinds = (await eventsIn(collection)).map(({ kind }) => kind);
    expect(kinds).toEqual(['begin', 'folder', 'item', 'end', 'end', 'finish']);
    expect(faults).toEqual([expect.stringContaining('examples: ENOTDIR')]);
  });
});

