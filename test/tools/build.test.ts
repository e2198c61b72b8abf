import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { newFolder } from '../helpers/folder.ts';

const tool = fileURLToPath(new URL('../../tools/build.js', import.meta.url));

/** A project whose compilers copy the source, unless it says that they fail, and leave a mark each. */
let project: string;

beforeEach(async () => {
  project = await newFolder();
  for (const folder of ['src', 'tools', 'bin', 'node_modules']) await mkdir(join(project, folder));
  await cp(tool, join(project, 'tools/build.js'));
  await writeFile(join(project, 'package.json'), '{"type": "module"}');
  await writeFile(join(project, 'src/a.ts'), 'one');
  for (const compiler of ['tsc', 'node', 'vite']) {
    const file = join(project, 'bin', compiler);
    const script = `echo ${compiler} >> marks; mkdir -p dist; cp src/a.ts dist/a.js; ! grep -q fail src/a.ts`;
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }
});

/** Builds, and says which compilers have run. */
async function build(): Promise<string> {
  await rm(join(project, 'marks'), { force: true });
  const env = { PATH: `${join(project, 'bin')}:${process.env['PATH']}` };
  await promisify(execFile)(process.execPath, [join(project, 'tools/build.js')], { env });
  return readFile(join(project, 'marks'), 'utf8').catch(() => '');
}

const all = 'tsc\nnode\nvite\nvite\n';

test('unchanged sources are built once, whatever their modification times', async () => {
  expect(await build()).toBe(all);
  await utimes(join(project, 'src/a.ts'), new Date(), new Date());
  expect(await build()).toBe('');
});

test.each([
  ['a source has changed', () => writeFile(join(project, 'src/a.ts'), 'two')],
  ['there is one more source', () => writeFile(join(project, 'src/b.ts'), '')],
  ['other tools are installed', () => writeFile(join(project, 'package-lock.json'), '{}')],
  ['what was built has changed', () => writeFile(join(project, 'dist/a.js'), 'else')],
  ['what was built is gone', () => rm(join(project, 'dist'), { recursive: true })],
])('the build runs again when %s', async (_, change) => {
  await build();
  await change();
  expect(await build()).toBe(all);
  expect(await build()).toBe('');
});

test('a failed build is repeated', async () => {
  await build();
  await writeFile(join(project, 'src/a.ts'), 'fail');
  await expect(build()).rejects.toThrow('tsc');
  await expect(build()).rejects.toThrow('tsc');
  await writeFile(join(project, 'src/a.ts'), 'one');
  expect(await build()).toBe(all);
});
