import { existsSync } from 'node:fs';
import { mkdir, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  makeProfile,
  profileRoot,
  profileUser,
  removeAbandonedProfiles,
  removeProfile,
} from '../../../src/launch/browsers/profile.ts';
import { newFolder } from '../../helpers/folder.ts';

const onPosix = process.platform === 'win32' ? test.skip : test;

/** Greater than any process id of Linux (2^22) and macOS. */
const nobody = 99_999_999;

async function leftBehind(root: string) {
  const profile = await makeProfile(root);
  await writeFile(join(profile.around, 'pmproxy.json'), JSON.stringify({ pid: nobody }));
  return profile;
}

onPosix('a profile is for this account alone', async () => {
  const { folder, around } = await makeProfile(await newFolder());
  expect((await stat(around)).mode & 0o777).toBe(0o700);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('a profile is removed with all that is in it', async () => {
  const profile = await makeProfile(await newFolder());
  await mkdir(join(profile.folder, 'Default'));
  await writeFile(join(profile.folder, 'Default/Cookies'), 'x');
  expect(await removeProfile(profile)).toBe(true);
  expect(existsSync(profile.around)).toBe(false);
});

onPosix('profiles of processes that are gone are removed, others stay', async () => {
  const root = await newFolder();
  const abandoned = await leftBehind(root);
  const own = await makeProfile(root);
  const inUse = await leftBehind(root);
  await symlink(`host-${process.pid}`, join(inUse.folder, 'SingletonLock'));
  const foreign = join(root, 'pmproxy-browser-foreign');
  await writeFile(foreign, 'not a folder');
  await removeAbandonedProfiles(root);
  expect(existsSync(abandoned.around)).toBe(false);
  for (const path of [own.around, inUse.around, foreign]) expect(existsSync(path)).toBe(true);
});

test('a folder without a mark is removed when nobody can be making it any more', async () => {
  const root = await newFolder();
  const [young, old] = [join(root, 'pmproxy-browser-a'), join(root, 'pmproxy-browser-b')];
  for (const folder of [young, old]) await mkdir(folder);
  await utimes(old, new Date(0), new Date(0));
  await removeAbandonedProfiles(root);
  expect([existsSync(young), existsSync(old)]).toEqual([true, false]);
});

onPosix.each([
  ['Chromium', 'SingletonLock', `my-host-${process.pid}`],
  ['Firefox', 'lock', `127.0.0.1:+${process.pid}`],
])('the lock of %s tells which process uses a profile', async (_, name, target) => {
  const { folder } = await makeProfile(await newFolder());
  expect(await profileUser(folder)).toBeUndefined();
  await symlink(target, join(folder, name));
  expect(await profileUser(folder)).toBe(process.pid);
});

onPosix('a lock that a killed browser has left means nothing', async () => {
  const { folder } = await makeProfile(await newFolder());
  await symlink(`host-${nobody}`, join(folder, 'SingletonLock'));
  expect(await profileUser(folder)).toBeUndefined();
});

test('a snap gets its profile where it can see it', () => {
  const isSnap = (path: string) => path === '/snap/bin/firefox';
  expect(profileRoot('/usr/bin/firefox', isSnap)).toMatch(/snap\/firefox\/common$/);
  expect(profileRoot('/usr/bin/chromium', isSnap)).not.toContain('snap');
});

test('removing a profile that is gone is no failure', async () => {
  const profile = await makeProfile(await newFolder());
  await rename(profile.around, `${profile.around}-moved`);
  expect(await removeProfile(profile)).toBe(true);
});
