import {
  type DescMessage,
  fromBinary,
  type JsonValue,
  type Registry,
  toJson,
} from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Any } from '@bufbuild/protobuf/wkt';
import { type Budget, newBudget, spendFields } from './field-count.ts';
import { bytesAsJson, guessedFields } from './guessed-fields.ts';
import { withUnknownTypes } from './unknown-types.ts';

/**
 * Writes a message in the JSON mapping of Protocol Buffers ("ProtoJSON Format"): fields in the order of their numbers,
 * 64-bit integers as text, bytes as base64. Unknown fields follow under their numbers, as read by `guessedFields`, and so
 * do the fields of an `Any` of unknown type.
 *
 * @throws if the bytes are not such a message, or contain a value without a JSON form
 */
export function messageJson(
  bytes: Uint8Array,
  type: DescMessage,
  registry: Registry,
  budget: Budget = newBudget(),
): unknown {
  spendFields(bytes, type, budget);
  const message = fromBinary(type, bytes);
  const json = toJson(type, message, { registry: withUnknownTypes(registry) });
  addUnknown(reflect(type, message), json, registry);
  return json;
}

type JsonRecord = { [name: string]: JsonValue };

function isRecord(json: JsonValue | undefined): json is JsonRecord {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Adds the fields that the mapping omits to the JSON of a message. */
function addUnknown(
  message: ReflectMessage,
  json: JsonValue | undefined,
  registry: Registry,
): void {
  if (!isRecord(json)) return;
  const { typeName } = message.desc;
  if (typeName === 'google.protobuf.Any') {
    addPacked(message.message as Any, json, registry);
    return;
  }
  // The other types with a JSON form of their own have no names for fields.
  if (typeName.startsWith('google.protobuf.') && OWN_FORM.test(typeName)) return;
  for (const field of message.fields) {
    const child = json[field.jsonName];
    if (child === undefined) continue;
    if (field.fieldKind === 'message') addUnknown(message.get(field), child, registry);
    else if (field.fieldKind === 'list' && field.listKind === 'message') {
      const children = Array.isArray(child) ? child : [];
      let at = 0;
      for (const item of message.get(field)) {
        addUnknown(item as ReflectMessage, children[at], registry);
        at += 1;
      }
    } else if (field.fieldKind === 'map' && field.mapKind === 'message' && isRecord(child)) {
      for (const [key, item] of message.get(field))
        addUnknown(item as ReflectMessage, child[String(key)], registry);
    }
  }
  assign(json, unknownFields(message, registry));
}

const OWN_FORM = /\.(?:Struct|Value|ListValue|Timestamp|Duration|FieldMask|\w+Value)$/;

function addPacked({ typeUrl, value }: Any, json: JsonRecord, registry: Registry): void {
  const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
  const type = registry.getMessage(name);
  if (type !== undefined) {
    addUnknown(reflect(type, fromBinary(type, value)), json, registry);
    return;
  }
  assign(json, guessedFields(value) ?? { value: Buffer.from(value).toString('base64') });
}

/** Existing names stay; a name is never a number. */
function assign(json: JsonRecord, fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) json[name] = value as JsonValue;
}

/** Extensions are stored with the unknown fields, but the mapping includes them. */
function unknownFields(
  { desc, message }: ReflectMessage,
  registry: Registry,
): Readonly<Record<string, unknown>> {
  const unknown = (message.$unknown ?? []).filter(
    ({ no }) => registry.getExtensionFor(desc, no) === undefined,
  );
  if (unknown.length === 0) return {};
  const writer = new BinaryWriter();
  for (const { no, wireType, data } of unknown) writer.tag(no, wireType).raw(data);
  const bytes = writer.finish();
  return guessedFields(bytes) ?? { '@unknown': bytesAsJson(bytes) };
}
