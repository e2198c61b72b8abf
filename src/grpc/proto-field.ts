import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type DescriptorProtoSchema,
  type FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import { jsonNameOf } from './json-names.ts';
import { featuresOf } from './proto-features.ts';
import { type Resolved, within } from './proto-symbols.ts';

export type FieldContext = {
  /** Looks up a type name used in a scope; throws for an unknown type. */
  readonly resolve: (written: string, scope: string) => Resolved;
};

type FieldInit = MessageInitShape<typeof FieldDescriptorProtoSchema>;

export type DescribedField = {
  readonly field: FieldInit;
  /** The message type of a map entry. */
  readonly entry?: MessageInitShape<typeof DescriptorProtoSchema>;
};

/** Describes a field or an extension of a message whose full name is `scope`. */
export function describeField(
  field: protobuf.Field,
  scope: string,
  context: FieldContext,
): DescribedField {
  const type = typeOf(field.type, scope, context);
  const { options, extend } = field;
  const name = type.type === Type.GROUP ? field.name.toLowerCase() : field.name;
  const jsonName = field.jsonName ?? jsonNameOf(name);
  const features = featuresOf(options);
  const packed = options?.['packed'];
  const base: FieldInit = {
    name,
    number: field.id,
    ...(extend === undefined
      ? { jsonName }
      : { extendee: `.${context.resolve(extend, scope).name}` }),
    options: {
      ...(typeof packed === 'boolean' && { packed }),
      ...(features && { features }),
    },
    ...(options?.['proto3_optional'] === true && { proto3Optional: true }),
  };
  if (field instanceof protobuf.MapField) return mapField(field, base, type, scope);
  return { field: { ...base, ...type, label: labelOf(field) } };
}

/** A map is a list of messages with a key and a value (Protocol Buffers, "Maps", "Backwards Compatibility"). */
function mapField(
  { name, keyType }: protobuf.MapField,
  base: FieldInit,
  value: Written,
  scope: string,
): DescribedField {
  const camel = jsonNameOf(name);
  const entry = `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`;
  const label = Label.OPTIONAL;
  const key = SCALARS[keyType] ?? Type.STRING;
  return {
    field: {
      ...base,
      type: Type.MESSAGE,
      typeName: `.${within(scope, entry)}`,
      label: Label.REPEATED,
    },
    entry: {
      name: entry,
      field: [
        { name: 'key', jsonName: 'key', number: 1, label, type: key },
        { name: 'value', jsonName: 'value', number: 2, label, ...value },
      ],
      options: { mapEntry: true },
    },
  };
}

function labelOf({ repeated, required, rule }: protobuf.Field): Label {
  if (repeated || rule === 'repeated') return Label.REPEATED;
  return required || rule === 'required' ? Label.REQUIRED : Label.OPTIONAL;
}

type Written = { readonly type: Type; readonly typeName?: string };

function typeOf(written: string, scope: string, { resolve }: FieldContext): Written {
  const scalar = Object.hasOwn(SCALARS, written) ? SCALARS[written] : undefined;
  if (scalar !== undefined) return { type: scalar };
  const { name, kind } = resolve(written, scope);
  return { type: TYPES[kind], typeName: `.${name}` };
}

const TYPES = { message: Type.MESSAGE, enum: Type.ENUM, group: Type.GROUP } as const;

const SCALARS: Readonly<Record<string, Type>> = {
  double: Type.DOUBLE,
  float: Type.FLOAT,
  int64: Type.INT64,
  uint64: Type.UINT64,
  int32: Type.INT32,
  fixed64: Type.FIXED64,
  fixed32: Type.FIXED32,
  bool: Type.BOOL,
  string: Type.STRING,
  bytes: Type.BYTES,
  uint32: Type.UINT32,
  sfixed32: Type.SFIXED32,
  sfixed64: Type.SFIXED64,
  sint32: Type.SINT32,
  sint64: Type.SINT64,
};
