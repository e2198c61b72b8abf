import type { DescMessage, Registry } from '@bufbuild/protobuf';
import { describeError } from '../errors.ts';
import type { GrpcMessage } from '../exchange.ts';
import { decodeContent } from '../http/content-coding.ts';
import type { Budget } from './field-count.ts';
import { COMPRESSED, type Frame } from './frames.ts';
import { guessedFields } from './guessed-fields.ts';
import { messageJson } from './message-json.ts';

/** The properties shared by the messages of one side. */
export type Side = {
  readonly from: GrpcMessage['from'];
  readonly codec: string;
  /** The compression of compressed messages. */
  readonly encoding: string | undefined;
  readonly type: DescMessage | undefined;
  readonly registry: Registry;
};

/** The maximum decompressed size of a message, and of all messages of a side. */
export const DECOMPRESSED_BYTES_LIMIT = 32 * 1024 * 1024;

/**
 * Reads one message.
 *
 * @param left its maximum decompressed size in bytes
 * @param budget what may still be read of its side
 * @returns the message, and its decompressed size in bytes
 */
export function readMessage(
  { flags, payload }: Frame,
  side: Side,
  left: number,
  budget: Budget,
): { readonly message: GrpcMessage; readonly bytes: number } {
  const { from, encoding } = side;
  if ((flags & COMPRESSED) === 0) {
    return { message: { from, ...content(payload, side, budget) }, bytes: payload.length };
  }
  const coding = encoding ?? '';
  const decoded =
    coding === '' || coding === 'identity'
      ? { fault: 'it is marked as compressed, but no header says how' }
      : decodeContent(payload, [coding], left);
  if ('fault' in decoded) {
    const note = `Not decompressed: ${decoded.fault}.`;
    return { message: { from, ...asBytes(payload), note }, bytes: payload.length };
  }
  return {
    message: { from, ...content(decoded.bytes, side, budget) },
    bytes: decoded.bytes.length,
  };
}

type Content = Omit<GrpcMessage, 'from'>;

function content(bytes: Uint8Array, { codec, type, registry }: Side, budget: Budget): Content {
  if (codec === 'json') return jsonContent(bytes, type);
  if (codec !== 'proto') return { ...asBytes(bytes), note: `Written as ${codec}.` };
  if (type === undefined) return guessed(bytes, budget);
  try {
    return { type: type.typeName, json: messageJson(bytes, type, registry, budget) };
  } catch (error) {
    const note = `Not readable as ${type.typeName}: ${describeError(error)}.`;
    return { ...guessed(bytes, budget), note };
  }
}

function jsonContent(bytes: Uint8Array, type: DescMessage | undefined): Content {
  const text = Buffer.from(bytes).toString();
  const named = type && { type: type.typeName };
  try {
    return { ...named, json: JSON.parse(text) };
  } catch {
    return { ...named, ...asBytes(bytes), note: 'Not JSON.' };
  }
}

function guessed(bytes: Uint8Array, budget: Budget): Content {
  const fields = guessedFields(bytes, budget);
  return fields === undefined ? asBytes(bytes) : { json: fields };
}

function asBytes(bytes: Uint8Array): Content {
  return { base64: Buffer.from(bytes).toString('base64') };
}
