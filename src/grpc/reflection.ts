import { type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { registryOf, WELL_KNOWN } from './file-registry.ts';
import { type Asked, reflectionAnswer, reflectionRequest } from './reflection-messages.ts';
import {
  openReflection,
  type ReflectionStream,
  type ReflectionTls,
  RefusedError,
} from './reflection-stream.ts';

/** The versions of the protocol, the current one first (grpc/doc/server-reflection.md). */
const VERSIONS = ['grpc.reflection.v1', 'grpc.reflection.v1alpha'];
const UNIMPLEMENTED = 12;

const LIMITS = { timeoutMs: 5000, maxBytes: 16 * 1024 * 1024 };
/** The maximum number of files, as a server may invent imports. */
const MOST_FILES = 2000;

/**
 * Requests the types of a service from a server, by gRPC server reflection.
 *
 * @param origin `https://api.test:8443`; `http:` is HTTP/2 with prior knowledge
 * @param tls trusted roots and our client certificate
 * @param limits the maximum time for each version, and the maximum number of bytes received
 * @returns the types of the files that declare the service, and of their imports
 * @throws Error with the reason: no reflection, no such service, too slow, not readable
 */
export async function reflectService(
  origin: string,
  service: string,
  tls: ReflectionTls = {},
  limits: { readonly timeoutMs: number; readonly maxBytes: number } = LIMITS,
): Promise<FileRegistry> {
  let refused: RefusedError | undefined;
  for (const version of VERSIONS) {
    const path = `/${version}.ServerReflection/ServerReflectionInfo`;
    const stream = openReflection(origin, path, tls, limits);
    try {
      const registry = registryOf(await filesFor(service, stream));
      if (registry.getService(service) !== undefined) return registry;
      throw new Error('the files that the server sent do not declare it');
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== UNIMPLEMENTED) throw error;
      refused = error;
    } finally {
      stream.close();
    }
  }
  throw new Error(`the server has no reflection (${refused?.message})`);
}

async function filesFor(
  service: string,
  stream: ReflectionStream,
): Promise<Iterable<FileDescriptorProto>> {
  const files = new Map<string, FileDescriptorProto>();
  const asked = new Set<string>();
  const wanted: Asked[] = [{ symbol: service }];
  for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
    for (const file of await ask(next, stream)) {
      if (files.size >= MOST_FILES) throw new Error(`more than ${MOST_FILES} files came`);
      files.set(file.name, file);
      asked.add(file.name);
    }
    for (const { dependency } of files.values()) {
      for (const fileName of dependency) {
        if (asked.has(fileName) || WELL_KNOWN.has(fileName)) continue;
        asked.add(fileName);
        wanted.push({ fileName });
      }
    }
  }
  return files.values();
}

/** An import that the server does not have is omitted; only types that need it fail. */
async function ask(asked: Asked, stream: ReflectionStream): Promise<FileDescriptorProto[]> {
  const { files, error } = reflectionAnswer(await stream.ask(reflectionRequest(asked)));
  if (error !== undefined && 'symbol' in asked) throw new Error(error);
  return files.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}
