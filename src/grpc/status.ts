import { create, createFileRegistry, type Registry } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, file_google_protobuf_any } from '@bufbuild/protobuf/wkt';
import { type GrpcStatus, type Header, headerValue } from '../exchange.ts';
import { messageJson } from './message-json.ts';
import { percentDecoded } from './protocol.ts';

/** The status codes of gRPC ("Status codes and their use in gRPC"), by number. */
const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/**
 * Reads the status from trailers, or from the headers of a response without messages (gRPC over HTTP/2, "Trailers").
 *
 * @param registry the types of the details
 * @returns undefined if there is no `grpc-status`
 */
export function statusIn(headers: readonly Header[], registry: Registry): GrpcStatus | undefined {
  const value = headerValue(headers, 'grpc-status')?.trim();
  if (value === undefined || !/^\d{1,9}$/.test(value)) return undefined;
  const message = headerValue(headers, 'grpc-message');
  const details = detailsOf(headerValue(headers, 'grpc-status-details-bin'), registry);
  return statusOf(Number(value), message && percentDecoded(message), details);
}

/** A status of this code. */
export function statusOf(code: number, message?: string, details?: readonly unknown[]): GrpcStatus {
  return {
    code,
    name: NAMES[code] ?? 'UNKNOWN',
    ...(message && { message }),
    ...(details && details.length > 0 && { details }),
  };
}

/**
 * The status of a Connect error (Connect, "Error End-Stream" and "Unary-Error"): a code in lower case, a message, and
 * details as base64.
 *
 * @param error the parsed JSON, whatever it is
 */
export function connectStatus(error: unknown): GrpcStatus | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message, details } = error as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string') return undefined;
  const spelled = code === 'canceled' ? 'CANCELLED' : code.toUpperCase();
  const number = NAMES.indexOf(spelled);
  return statusOf(
    number < 0 ? 2 : number,
    typeof message === 'string' ? message : undefined,
    Array.isArray(details) ? details : undefined,
  );
}

/** The lines of a gRPC-Web trailer frame as headers; names are in lower case there. */
export function webTrailers(payload: Uint8Array): Header[] {
  const lines = Buffer.from(payload).toString('latin1').split(/\r?\n/);
  return lines.flatMap((line): Header[] => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]] : [];
  });
}

function detailsOf(value: string | undefined, registry: Registry): readonly unknown[] | undefined {
  if (value === undefined) return undefined;
  try {
    const json = messageJson(Buffer.from(value, 'base64'), STATUS, registry);
    return (json as { readonly details?: readonly unknown[] }).details;
  } catch {
    // The header itself remains readable.
    return undefined;
  }
}

/** google.rpc.Status (google/rpc/status.proto), which is not one of the well-known types. */
const STATUS_FILE = create(FileDescriptorProtoSchema, {
  name: 'google/rpc/status.proto',
  package: 'google.rpc',
  dependency: ['google/protobuf/any.proto'],
  syntax: 'proto3',
  messageType: [
    {
      name: 'Status',
      field: [
        { name: 'code', jsonName: 'code', number: 1, label: 1, type: 5 },
        { name: 'message', jsonName: 'message', number: 2, label: 1, type: 9 },
        {
          name: 'details',
          jsonName: 'details',
          number: 3,
          label: 3,
          type: 11,
          typeName: '.google.protobuf.Any',
        },
      ],
    },
  ],
});

const STATUS = (() => {
  const files = createFileRegistry(STATUS_FILE, () => file_google_protobuf_any);
  const found = files.getMessage('google.rpc.Status');
  if (found === undefined) throw new Error('google.rpc.Status is missing');
  return found;
})();
