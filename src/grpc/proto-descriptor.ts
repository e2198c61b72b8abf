import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type DescriptorProtoSchema,
  Edition,
  type EnumDescriptorProtoSchema,
  type FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  type ServiceDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import { featuresOf } from './proto-features.ts';
import { describeField, type FieldContext } from './proto-field.ts';
import type { ProtoSource } from './proto-source.ts';
import { resolveType, type Symbols, within } from './proto-symbols.ts';

type MessageInit = MessageInitShape<typeof DescriptorProtoSchema>;
type EnumInit = MessageInitShape<typeof EnumDescriptorProtoSchema>;
type ServiceInit = MessageInitShape<typeof ServiceDescriptorProtoSchema>;
type FieldInit = MessageInitShape<typeof FieldDescriptorProtoSchema>;

/**
 * Converts a parsed .proto file to the descriptor that `protoc` would create (google/protobuf/descriptor.proto), as far as
 * reading messages requires it: custom options and defaults are omitted.
 *
 * @param name the name by which other files import the file
 * @param dependencies the names of the files that it imports
 * @param missing the imports that were not found
 * @throws a usage error that names the file and the line of an unknown type
 */
export function describeFile(
  source: ProtoSource,
  name: string,
  dependencies: readonly string[],
  known: { readonly symbols: Symbols; readonly missing: readonly string[] },
): FileDescriptorProto {
  const { edition, package: packageName, declarations, options } = source;
  const isEdition = /^\d/.test(edition);
  const context: FieldContext = {
    resolve: (written, scope) => resolveType(written, scope, source, known),
  };
  const features = featuresOf({ features: options });
  return create(FileDescriptorProtoSchema, {
    name,
    package: packageName,
    dependency: [...dependencies],
    syntax: isEdition ? 'editions' : edition,
    ...(isEdition && { edition: Edition[`EDITION_${edition}` as keyof typeof Edition] }),
    ...(features && { options: { features } }),
    ...declared(declarations, packageName, context),
    service: declarations.nestedArray
      .filter((nested) => nested instanceof protobuf.Service)
      .map((service) => describeService(service, packageName, context)),
  });
}

/** The messages, enumerations and extensions of a file or a message. */
function declared(parent: protobuf.NamespaceBase, scope: string, context: FieldContext) {
  const messageType: MessageInit[] = [];
  const enumType: EnumInit[] = [];
  const extension: FieldInit[] = [];
  for (const nested of parent.nestedArray) {
    if (nested instanceof protobuf.Type)
      messageType.push(describeMessage(nested, within(scope, nested.name), context));
    else if (nested instanceof protobuf.Enum) enumType.push(describeEnum(nested));
    else if (nested instanceof protobuf.Field)
      extension.push(describeField(nested, scope, context).field);
  }
  return { messageType, enumType, extension };
}

function describeMessage(type: protobuf.Type, scope: string, context: FieldContext): MessageInit {
  const { messageType, ...nested } = declared(type, scope, context);
  // The synthetic oneofs for `optional` in proto3 come last.
  const isSynthetic = ({ fieldsArray }: protobuf.OneOf) =>
    fieldsArray.some((field) => field.options?.['proto3_optional'] === true);
  const oneofs = type.oneofsArray.toSorted(
    (a, b) => Number(isSynthetic(a)) - Number(isSynthetic(b)),
  );
  // An extension of the message itself is also one of its fields, under its full name.
  const own = type.fieldsArray.filter(({ declaringField }) => declaringField === null);
  const fields = own.map((field) => {
    const described = describeField(field, scope, context);
    const at = field.partOf === null ? -1 : oneofs.indexOf(field.partOf);
    return at < 0 ? described : { field: { ...described.field, oneofIndex: at } };
  });
  return {
    name: type.name,
    field: fields.map(({ field }) => field),
    nestedType: [
      ...messageType,
      ...fields.flatMap((described) => ('entry' in described ? [described.entry] : [])),
    ],
    ...nested,
    oneofDecl: oneofs.map(({ name }) => ({ name })),
    extensionRange: (type.extensions ?? []).map(([start = 0, end = 0]) => ({
      start,
      end: end + 1,
    })),
    ...featureOptions(type.options),
  };
}

function describeEnum({ name, values, options }: protobuf.Enum): EnumInit {
  const features = featuresOf(options);
  return {
    name,
    value: Object.entries(values).map(([key, number]) => ({ name: key, number })),
    options: {
      ...(options?.['allow_alias'] === true && { allowAlias: true }),
      ...(features && { features }),
    },
  };
}

function describeService(
  service: protobuf.Service,
  packageName: string,
  { resolve }: FieldContext,
): ServiceInit {
  const scope = within(packageName, service.name);
  return {
    name: service.name,
    method: service.methodsArray.map((method) => ({
      name: method.name,
      inputType: `.${resolve(method.requestType, scope).name}`,
      outputType: `.${resolve(method.responseType, scope).name}`,
      clientStreaming: method.requestStream === true,
      serverStreaming: method.responseStream === true,
    })),
  };
}

function featureOptions(options: Readonly<Record<string, unknown>> | undefined) {
  const features = featuresOf(options);
  return features && { options: { features } };
}
