import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { programFolders, requiredPrograms } from '../../../src/launch/isolate/programs.ts';
import { findProgram } from '../../../src/launch/programs.ts';
import { newFolder } from '../../helpers/folder.ts';

test('the first program that is missing is named, with the package that holds it', async () => {
  const folder = await newFolder();
  for (const name of ['unshare', 'nsenter', 'mount', 'ip'])
    await symlink(process.execPath, join(folder, name));
  expect(() => requiredPrograms([folder])).toThrow(
    expect.objectContaining({
      message: '--isolate needs the program nft, which is not installed.',
      hint: 'On Debian and Ubuntu, try: apt-get install nftables',
      exitCode: 2,
    }),
  );
  await symlink(process.execPath, join(folder, 'nft'));
  expect(requiredPrograms([folder]).nft).toBe(join(folder, 'nft'));
});

test('programs for administrators are found although PATH does not name their folders', () => {
  expect(programFolders('/a::/b')).toEqual(['/a', '/b', '/usr/sbin', '/sbin']);
});

test('a folder is not a program, and neither is a file that may not be executed', async () => {
  const folder = await newFolder();
  expect(findProgram('.', [folder])).toBeUndefined();
  const file = join(folder, 'notes.txt');
  await writeFile(file, '', { mode: 0o644 });
  expect(findProgram(file, [])).toBeUndefined();
  expect(findProgram(process.execPath, [])).toBe(process.execPath);
});
