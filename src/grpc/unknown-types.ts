import { create, createFileRegistry, type DescMessage, type Registry } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** A valid Protocol Buffers message name of plausible length. */
const NAME = /^(?:[A-Za-z_]\w{0,200}\.){0,30}[A-Za-z_]\w{0,200}$/;

/**
 * Returns the registry with an empty message for every unknown name, so that the JSON mapping does not reject a message
 * because it contains an unknown `Any`.
 */
export function withUnknownTypes(registry: Registry): Registry {
  return {
    kind: 'registry',
    [Symbol.iterator]: () => registry[Symbol.iterator](),
    get: (name) => registry.get(name),
    getMessage: (name) => registry.getMessage(name) ?? emptyType(name),
    getEnum: (name) => registry.getEnum(name),
    getExtension: (name) => registry.getExtension(name),
    getExtensionFor: (extendee, number) => registry.getExtensionFor(extendee, number),
    getService: (name) => registry.getService(name),
  };
}

function emptyType(typeName: string): DescMessage | undefined {
  if (!NAME.test(typeName)) return undefined;
  const dot = typeName.lastIndexOf('.');
  const file = create(FileDescriptorProtoSchema, {
    name: 'unknown.proto',
    package: typeName.slice(0, Math.max(dot, 0)),
    messageType: [{ name: typeName.slice(dot + 1) }],
    syntax: 'proto3',
  });
  return createFileRegistry(file, () => undefined).getMessage(typeName);
}
