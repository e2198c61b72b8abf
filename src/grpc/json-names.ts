import type { DescriptorProto } from '@bufbuild/protobuf/wkt';

/** The name of a field in JSON as `protoc` makes it: what follows an underscore is a capital. */
export function jsonNameOf(name: string): string {
  return name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}

/**
 * Adds the JSON names that are missing to fields, in place. `protoc` writes them into every descriptor, but servers that
 * describe themselves may leave them out.
 */
export function addJsonNames(messages: readonly DescriptorProto[]): void {
  for (const { field, nestedType } of messages) {
    for (const one of field) if (one.jsonName === '') one.jsonName = jsonNameOf(one.name);
    addJsonNames(nestedType);
  }
}
