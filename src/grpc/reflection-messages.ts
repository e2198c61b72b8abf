import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A request (grpc/reflection/v1/reflection.proto, ServerReflectionRequest). */
export type Asked = { readonly symbol: string } | { readonly fileName: string };

/** A server's response: files as serialised FileDescriptorProtos, or the error. */
export type Answered = { readonly files: readonly Uint8Array[]; readonly error?: string };

const FILE_BY_FILENAME = 3;
const FILE_CONTAINING_SYMBOL = 4;
const FILE_DESCRIPTOR_RESPONSE = 4;
const ERROR_RESPONSE = 7;

/** Writes a ServerReflectionRequest; v1 and v1alpha have the same fields. */
export function reflectionRequest(asked: Asked): Uint8Array {
  const [field, text] =
    'symbol' in asked ? [FILE_CONTAINING_SYMBOL, asked.symbol] : [FILE_BY_FILENAME, asked.fileName];
  return new BinaryWriter().tag(field, WireType.LengthDelimited).string(text).finish();
}

/**
 * Reads a ServerReflectionResponse.
 *
 * @throws if the bytes are not such a message
 */
export function reflectionAnswer(bytes: Uint8Array): Answered {
  const files: Uint8Array[] = [];
  let error: string | undefined;
  eachField(bytes, (field, reader) => {
    if (field === FILE_DESCRIPTOR_RESPONSE) {
      eachField(reader.bytes(), (inner, list) => {
        if (inner === 1) files.push(list.bytes());
        return inner === 1;
      });
      return true;
    }
    if (field !== ERROR_RESPONSE) return false;
    error = 'an error without a message';
    eachField(reader.bytes(), (inner, fault) => {
      if (inner === 2) error = fault.string().slice(0, 200);
      return inner === 2;
    });
    return true;
  });
  return error === undefined ? { files } : { files, error };
}

function eachField(
  bytes: Uint8Array,
  read: (field: number, reader: BinaryReader) => boolean,
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const isRead = wireType === WireType.LengthDelimited && read(field, reader);
    if (!isRead) reader.skip(wireType, field);
  }
}
