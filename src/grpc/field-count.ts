import type { DescMessage } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** What may still be read. It shrinks as messages are read. */
export type Budget = { fields: number };

/** The maximum number of fields in all levels and messages of a side, to limit memory. */
const MOST_FIELDS = 200_000;

/** What may be read of a side. */
export function newBudget(): Budget {
  return { fields: MOST_FIELDS };
}

/** Which type the message in a field has; undefined for a field that is not a message. */
type Inside = (field: number) => Inside | undefined;

/** Deeper nesting is rejected when the message is read. */
const DEEPEST = 100;

/**
 * Subtracts the fields of a message and its nested messages from a budget: two bytes may be an empty message, which takes
 * a hundred times as much memory when it is read.
 *
 * @throws if the bytes are not a message, or have more fields than the budget, which is then unchanged
 */
export function spendFields(bytes: Uint8Array, type: DescMessage, budget: Budget): void {
  const reader = new BinaryReader(bytes);
  let left = budget.fields;
  const count = (end: number, inside: Inside, depth: number): void => {
    while (reader.pos < end && left >= 0) {
      const [field, wireType] = reader.tag();
      left -= 1;
      const next = inside(field);
      if (wireType === WireType.LengthDelimited && next !== undefined && depth < DEEPEST) {
        const length = reader.uint32();
        count(Math.min(reader.pos + length, reader.len), next, depth + 1);
      } else reader.skip(wireType, field);
    }
  };
  count(reader.len, insideOf(type), 0);
  if (left < 0) throw new Error(`more than ${MOST_FIELDS} fields in all messages`);
  budget.fields = left;
}

const known = new WeakMap<DescMessage, Inside>();

function insideOf(type: DescMessage): Inside {
  const earlier = known.get(type);
  if (earlier !== undefined) return earlier;
  const messages = new Map(type.fields.map((field) => [field.number, field]));
  const inside: Inside = (number) => {
    const field = messages.get(number);
    if (field?.message === undefined) return undefined;
    const { message } = field;
    // The value of an entry is field 2.
    return field.fieldKind === 'map'
      ? (member) => (member === 2 ? insideOf(message) : undefined)
      : insideOf(message);
  };
  known.set(type, inside);
  return inside;
}
