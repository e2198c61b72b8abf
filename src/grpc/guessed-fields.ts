import { isUtf8 } from 'node:buffer';
import { type Budget, newBudget } from './field-count.ts';

/** Deeper nesting is returned as bytes. */
const DEEPEST = 24;

/**
 * Reads a message of unknown type by the wire types of its fields (Protocol Buffers, "Encoding").
 *
 * Integers are numbers, or text if too large for a number. Length-delimited values are text if they are readable UTF-8, a
 * message if they can be read as one to the end, and otherwise `{"@base64": …}`. A repeated field is a list.
 *
 * @returns the values by field number in ascending order; undefined if the bytes are not a message
 */
export function guessedFields(
  bytes: Uint8Array,
  budget: Budget = newBudget(),
): Record<string, unknown> | undefined {
  const { fields } = budget;
  const read = fieldsOf(bytes, DEEPEST, budget);
  if (read === undefined) budget.fields = fields;
  return read;
}

/** Bytes in their JSON form. */
export function bytesAsJson(bytes: Uint8Array): { readonly '@base64': string } {
  return { '@base64': Buffer.from(bytes).toString('base64') };
}

function fieldsOf(
  bytes: Uint8Array,
  levels: number,
  budget: Budget,
): Record<string, unknown> | undefined {
  if (levels === 0) return undefined;
  const reader = { bytes, at: 0 };
  const read = readFields(reader, undefined, levels, budget);
  return read !== undefined && reader.at === bytes.length ? read : undefined;
}

type Reader = { readonly bytes: Uint8Array; at: number };

/** Reads up to the end, or up to the end of the group with this number. */
function readFields(
  reader: Reader,
  group: number | undefined,
  levels: number,
  budget: Budget,
): Record<string, unknown> | undefined {
  const found = new Map<number, unknown[]>();
  while (group !== undefined || reader.at < reader.bytes.length) {
    const tag = varint(reader);
    if (tag === undefined || tag > 0xffff_ffffn) return undefined;
    const number = Number(tag >> 3n);
    const type = Number(tag & 7n);
    if (number === 0) return undefined;
    if (type === END_GROUP) return number === group ? asObject(found) : undefined;
    budget.fields -= 1;
    if (budget.fields < 0) return undefined;
    const value = fieldValue(reader, type, number, levels, budget);
    if (value === undefined) return undefined;
    const list = found.get(number);
    if (list === undefined) found.set(number, [value]);
    else list.push(value);
  }
  return asObject(found);
}

const END_GROUP = 4;

function asObject(found: ReadonlyMap<number, unknown[]>): Record<string, unknown> {
  const entries = [...found].map(([number, values]) => [
    number,
    values.length === 1 ? values[0] : values,
  ]);
  return Object.fromEntries(entries);
}

function fieldValue(
  reader: Reader,
  type: number,
  number: number,
  levels: number,
  budget: Budget,
): unknown {
  switch (type) {
    case 0: {
      const value = varint(reader);
      return value === undefined ? undefined : integer(value);
    }
    case 1: {
      const bytes = take(reader, 8);
      return bytes && fixed64(bytes);
    }
    case 2: {
      const length = varint(reader);
      if (length === undefined || length > reader.bytes.length) return undefined;
      const bytes = take(reader, Number(length));
      return bytes && payload(bytes, levels, budget);
    }
    case 3:
      return levels === 1 ? undefined : readFields(reader, number, levels - 1, budget);
    case 5: {
      const bytes = take(reader, 4);
      return bytes && fixed32(bytes);
    }
    default:
      return undefined;
  }
}

function payload(bytes: Uint8Array, levels: number, budget: Budget): unknown {
  const text = readableText(bytes);
  // A tag may look like a line break; no text begins with one.
  if (text !== undefined && !/^\s/.test(text)) return text;
  const left = budget.fields;
  const message = fieldsOf(bytes, levels - 1, budget);
  if (message !== undefined) return message;
  budget.fields = left;
  return text ?? bytesAsJson(bytes);
}

function readableText(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(text) ? undefined : text;
}

function take(reader: Reader, length: number): Uint8Array | undefined {
  const end = reader.at + length;
  if (end > reader.bytes.length) return undefined;
  const taken = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return taken;
}

/** At most ten bytes, the lowest first. */
function varint(reader: Reader): bigint | undefined {
  let low = 0;
  for (let length = 0; length < 4; length += 1) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined) return undefined;
    reader.at += 1;
    low |= (byte & 0x7f) << (7 * length);
    if (byte < 0x80) return BigInt(low);
  }
  let value = BigInt(low);
  for (let length = 4; length < 10; length += 1) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined) return undefined;
    reader.at += 1;
    value |= BigInt(byte & 0x7f) << BigInt(7 * length);
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  return undefined;
}

function integer(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}

/** Integers of this size are far more common than the fractions next to 0 that have the same bytes. */
const SMALL_64 = 2n ** 48n;
const SMALL_32 = 2 ** 23;

function fixed64(bytes: Uint8Array): number | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const whole = view.getBigInt64(0, true);
  if (whole > -SMALL_64 && whole < SMALL_64) return Number(whole);
  const fraction = view.getFloat64(0, true);
  return Number.isFinite(fraction) ? fraction : String(view.getBigUint64(0, true));
}

function fixed32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  const whole = view.getInt32(0, true);
  if (whole > -SMALL_32 && whole < SMALL_32) return whole;
  const fraction = view.getFloat32(0, true);
  return Number.isFinite(fraction) ? Number(fraction.toPrecision(7)) : view.getUint32(0, true);
}
