import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describeError, errorCode, UserError, usageError } from '../errors.ts';
import { registryOf, WELL_KNOWN } from './file-registry.ts';
import { describeFile } from './proto-descriptor.ts';
import { type ProtoSource, parseProto } from './proto-source.ts';
import { declareSymbols, type Symbols } from './proto-symbols.ts';

/**
 * Compiles .proto files and reads sets of descriptors.
 *
 * @param paths .proto files; folders, of which every .proto file is read; `.binpb`, `.pb` and `.desc` files with a
 *   FileDescriptorSet, as written by `buf build -o` and `protoc --descriptor_set_out --include_imports`
 * @throws a usage error for a path that cannot be read, and for a file that does not compile, with its line
 */
export async function compileProtos(paths: readonly string[]): Promise<FileRegistry> {
  const given = await Promise.all(paths.map(listed));
  const roots = [...new Set(given.map(({ root }) => root))];
  const sets = await Promise.all(given.flatMap(({ sets: files }) => files).map(readSet));
  const sources = await readSources(
    given.flatMap(({ protos }) => protos),
    roots,
  );
  const described = sets.flat();
  const symbols: Symbols = new Map();
  for (const file of [...WELL_KNOWN.values(), ...described]) declareDescribed(file, symbols);
  for (const { source } of sources.values()) declareSymbols(source, symbols);
  for (const [path, { source, imports, missing }] of sources)
    described.push(describeFile(source, path, imports, { symbols, missing }));
  try {
    return registryOf(described);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw usageError(
      `--proto ${paths.join(', ')}: ${describeError(error)}.`,
      'A set of descriptors must include its imports: protoc --include_imports',
    );
  }
}

type Listed = {
  /** The folders searched for imports. */
  readonly root: string;
  readonly protos: readonly string[];
  readonly sets: readonly string[];
};

async function listed(path: string): Promise<Listed> {
  const info = await stat(path).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw usageError(
      `--proto ${path}: there is no such file or folder.`,
      'Name a .proto file, a folder of them, or a .binpb file.',
    );
  });
  if (info.isDirectory()) {
    const names = await readdir(path, { recursive: true });
    const protos = names.filter((name) => name.endsWith('.proto')).sort();
    if (protos.length === 0)
      throw usageError(`--proto ${path}: there is no .proto file in this folder.`);
    return { root: resolve(path), protos: protos.map((name) => join(path, name)), sets: [] };
  }
  const root = dirname(resolve(path));
  return /\.(?:binpb|pb|desc|protoset)$/.test(path)
    ? { root, protos: [], sets: [path] }
    : { root, protos: [path], sets: [] };
}

async function readSet(path: string): Promise<FileDescriptorProto[]> {
  try {
    return fromBinary(FileDescriptorSetSchema, await readFile(path)).file;
  } catch (error) {
    throw usageError(
      `--proto ${path} is not a FileDescriptorSet: ${describeError(error)}.`,
      'Try: protoc --include_imports --descriptor_set_out=<file> <proto files>',
    );
  }
}

type Read = {
  readonly source: ProtoSource;
  /** The imported files, by their paths; the well-known types by their names. */
  readonly imports: readonly string[];
  readonly missing: readonly string[];
};

/** The given files and their imports, by absolute path, in the order in which they are found. */
async function readSources(
  protos: readonly string[],
  roots: readonly string[],
): Promise<Map<string, Read>> {
  const read = new Map<string, Read>();
  const wanted = protos.map((path) => ({ path: resolve(path), shown: path }));
  for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
    const { path, shown } = next;
    if (read.has(path)) continue;
    const source = parseProto(await readFile(path, 'utf8'), shown);
    const imports: string[] = [];
    const missing: string[] = [];
    for (const name of source.imports) {
      const found = await findImport(name, [dirname(path), ...roots]);
      if (found !== undefined) {
        imports.push(found);
        wanted.push({ path: found, shown: found });
      } else if (WELL_KNOWN.has(name)) imports.push(name);
      else missing.push(name);
    }
    read.set(path, { source, imports, missing });
  }
  return read;
}

async function findImport(name: string, folders: readonly string[]): Promise<string | undefined> {
  if (WELL_KNOWN.has(name)) return undefined;
  for (const folder of folders) {
    const path = resolve(folder, name);
    const info = await stat(path).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
      throw error;
    });
    if (info?.isFile()) return path;
  }
  return undefined;
}

function declareDescribed(file: FileDescriptorProto, symbols: Symbols): void {
  const visit = (scope: string, { messages, enums }: Declared): void => {
    for (const { name } of enums) symbols.set(`${scope}${name}`, 'enum');
    for (const { name, nestedType, enumType } of messages) {
      symbols.set(`${scope}${name}`, 'message');
      visit(`${scope}${name}.`, { messages: nestedType, enums: enumType });
    }
  };
  const scope = file.package === '' ? '' : `${file.package}.`;
  visit(scope, { messages: file.messageType, enums: file.enumType });
}

type Declared = {
  readonly messages: FileDescriptorProto['messageType'];
  readonly enums: FileDescriptorProto['enumType'];
};
