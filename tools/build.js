// Builds dist, unless dist is what a build of these very sources has made: installing, testing and
// checking all ask for a build, and only the first one has something to do.
//
// Contents are compared, never times: a checkout, a copy or a clock may set those at will.
import { execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const steps = [
  'tsc -p tsconfig.build.json',
  'node tools/bundle.js',
  'vite build src/page --logLevel warn',
  'vite build src/interceptor --logLevel warn',
];
// The lock file stands for the versions of the tools.
const inputs = [
  'src',
  'tools',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
const outputs = ['dist'];
const record = 'node_modules/.cache/pmproxy/build.json';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const made = digestOf(inputs);
if (readRecord() !== JSON.stringify({ inputs: made, outputs: digestOf(outputs) })) {
  rmSync(record, { force: true });
  for (const step of steps) execSync(step, { stdio: 'inherit' });
  mkdirSync(join(record, '..'), { recursive: true });
  writeFileSync(record, JSON.stringify({ inputs: made, outputs: digestOf(outputs) }));
}

/** One hash of the names and contents of all files at these paths; of none where there is nothing. */
function digestOf(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const file of paths.flatMap(filesAt)) {
    const content = createHash('sha256').update(readFileSync(file)).digest('hex');
    hash.update(`${content} ${JSON.stringify(file)}\n`);
  }
  return hash.digest('hex');
}

function filesAt(path) {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function readRecord() {
  try {
    return readFileSync(record, 'utf8');
  } catch {
    return undefined;
  }
}
