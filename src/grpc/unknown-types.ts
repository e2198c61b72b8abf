import { create, createFileRegistry, type DescMessage, type Registry } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** A name of a message as Protocol Buffers allow it, not so long that it is something else. */
const NAME = /^(?:[A-Za-z_]\w{0,200}\.){0,30}[A-Za-z_]\w{0,200}$/;

/**
 * The same registry, which has a message without fields for every name that it does not know: with it the JSON mapping
 * does not refuse a message because of one `Any` in it.
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
