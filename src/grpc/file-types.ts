import type { FileRegistry } from '@bufbuild/protobuf';
import type { MethodTypes, TypeSource } from './message-types.ts';

/** Finds the types of messages in compiled files. */
export function fileTypes(registry: FileRegistry): TypeSource {
  return {
    async find(_url, service, method) {
      const types = typesIn(registry, service, method);
      return types === undefined ? { registry } : { types, registry };
    },
  };
}

/** The types of a method that the files of a registry declare. */
export function typesIn(
  registry: FileRegistry,
  service: string,
  method: string,
): MethodTypes | undefined {
  const found = registry.getService(service)?.methods.find(({ name }) => name === method);
  return found && { input: found.input, output: found.output, registry };
}
