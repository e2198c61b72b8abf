import type { DescriptorProto } from '@bufbuild/protobuf/wkt';

/** The JSON name of a field, as in `protoc`: underscores are removed, and the next letter is capitalized. */
export function jsonNameOf(name: string): string {
  return name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}

/**
 * Adds missing JSON names to fields, in place. `protoc` writes them into every descriptor, but servers may omit them in
 * reflection.
 */
export function addJsonNames(messages: readonly DescriptorProto[]): void {
  for (const { field, nestedType } of messages) {
    for (const one of field) if (one.jsonName === '') one.jsonName = jsonNameOf(one.name);
    addJsonNames(nestedType);
  }
}
