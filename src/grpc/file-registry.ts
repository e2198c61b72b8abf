import { clone, create, createFileRegistry, type FileRegistry } from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
} from '@bufbuild/protobuf/wkt';
import { addJsonNames } from './json-names.ts';

/** The well-known types, by the path under which they are imported. */
export const WELL_KNOWN: ReadonlyMap<string, FileDescriptorProto> = new Map(
  [
    file_google_protobuf_any,
    file_google_protobuf_api,
    file_google_protobuf_descriptor,
    file_google_protobuf_duration,
    file_google_protobuf_empty,
    file_google_protobuf_field_mask,
    file_google_protobuf_source_context,
    file_google_protobuf_struct,
    file_google_protobuf_timestamp,
    file_google_protobuf_type,
    file_google_protobuf_wrappers,
  ].map(({ proto }) => [proto.name, proto]),
);

/**
 * Creates types from files that may import each other and the well-known types. A missing import is omitted, so that only
 * types that need it fail.
 *
 * @throws if a type refers to a missing type, or files import each other in a circle
 */
export function registryOf(files: Iterable<FileDescriptorProto>): FileRegistry {
  const byName = new Map(WELL_KNOWN);
  for (const file of files) if (!WELL_KNOWN.has(file.name)) byName.set(file.name, file);
  const ordered: FileDescriptorProto[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const name of byName.keys()) visit(name);
  return createFileRegistry(create(FileDescriptorSetSchema, { file: ordered }));

  /** The imports of a file come before it. */
  function visit(start: string): void {
    const waiting = [start];
    for (let name = waiting.at(-1); name !== undefined; name = waiting.at(-1)) {
      const file = byName.get(name);
      if (file === undefined || state.get(name) === 'done') {
        waiting.pop();
        continue;
      }
      if (state.get(name) === 'open') {
        state.set(name, 'done');
        ordered.push(completed(file, byName));
        waiting.pop();
        continue;
      }
      state.set(name, 'open');
      for (const imported of file.dependency) {
        if (state.get(imported) === 'open')
          throw new Error(`"${imported}" and "${name}" import each other`);
        waiting.push(imported);
      }
    }
  }
}

/** A copy without missing imports, and with a JSON name for each field. */
function completed(
  file: FileDescriptorProto,
  present: ReadonlyMap<string, unknown>,
): FileDescriptorProto {
  if (WELL_KNOWN.has(file.name)) return file;
  const copy = clone(FileDescriptorProtoSchema, file);
  addJsonNames(copy.messageType);
  copy.dependency = file.dependency.filter((imported) => present.has(imported));
  // These are indexes into the imports.
  copy.publicDependency = [];
  copy.weakDependency = [];
  return copy;
}
