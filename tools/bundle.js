// Bundles the command line into dist/bundle: reading a thousand small files would take most of the time that a command
// needs to start. The modules in dist stay as they are, for the library, its types, and worker threads.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const outputFolder = join(root, 'dist/bundle');

/** What most commands load. Other packages are loaded from node_modules, by the few commands that need them. */
const BUNDLED = `
  @peculiar/x509 chalk commander cross-spawn fzstd iconv-lite mockttp picomatch pino pretty-bytes pretty-ms
  proxy-from-env read-tls-client-hello string-width zod`
  .trim()
  .split(/\s+/);

const slashed = (path) => path.replaceAll(sep, '/');

function isExternal(specifier, importer) {
  if (specifier.startsWith('node:')) return true;
  if (/^[.\0]/.test(specifier) || isAbsolute(specifier) || importer === undefined) return false;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '';
  return !slashed(importer).includes('/node_modules/') && !BUNDLED.includes(name);
}

/** Modules of ours name files relative to their places in dist. */
const places = {
  name: 'places-in-dist',
  transform(code, id) {
    const path = slashed(relative(join(root, 'src'), id));
    if (path.startsWith('..') || !code.includes('import.meta.url')) return undefined;
    const place = `new URL('../${path.replace(/\.ts$/, '.js')}', import.meta.url).href`;
    return code.replaceAll('import.meta.url', place);
  },
};

/**
 * mockttp makes certificates only where it opens TLS itself, which pmproxy does in its place. What makes them takes more
 * time to load than the rest of it.
 */
const lazyCertificates = {
  name: 'lazy-certificates',
  resolveId(specifier, importer = '') {
    const isTheirs = slashed(importer).endsWith('/mockttp/dist/server/http-combo-server.js');
    return specifier === '../util/certificates' && isTheirs ? '\0certificates' : undefined;
  },
  load(id) {
    if (id !== '\0certificates') return undefined;
    const file = createRequire(import.meta.url).resolve('mockttp/dist/util/certificates');
    return `exports.getCA = (options) => require(${JSON.stringify(file)}).getCA(options);`;
  },
};

rmSync(outputFolder, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  external: isExternal,
  plugins: [places, lazyCertificates],
  onLog(level, log, tell) {
    if (level === 'warn' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(log.message);
    tell(level, log);
  },
});
const { output } = await bundle.write({
  dir: outputFolder,
  format: 'esm',
  // Many small chunks would take their time again.
  codeSplitting: { groups: [{ name: 'common', minShareCount: 8 }] },
});
await bundle.close();
const bundledIds = output.flatMap(({ moduleIds = [] }) => moduleIds);
writeFileSync(join(outputFolder, 'licenses.txt'), licensesOf(bundledIds));

/** The licences of the packages that these modules come from. */
function licensesOf(ids) {
  const folderOf = (id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(slashed(id))?.[0];
  const folders = ids.filter((id) => isAbsolute(id)).flatMap((id) => folderOf(id) ?? []);
  const texts = [...new Set(folders)].sort().map((folder) => {
    const facts = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
    return `${facts.name} ${facts.version} (${facts.license})\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
