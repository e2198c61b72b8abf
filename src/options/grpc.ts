import { flag, type OptionValues, readOptions, repeatable } from './option.ts';
import { text } from './values.ts';

/** The options that say where the types of gRPC messages come from. */
export const grpcOptions = {
  proto: repeatable(
    '--proto <path>',
    'read gRPC messages with the types in this .proto file, folder or descriptor set (repeatable)',
    text('a file or folder'),
  ),
  grpcReflection: flag(
    '--grpc-reflection',
    'ask gRPC servers for the types of their messages (server reflection)',
  ),
} as const;

const { proto } = grpcOptions;

/** Those of them that need no server. */
export const protoOptions = { proto } as const;

/** Where the types of gRPC messages come from. */
export type GrpcOptions = OptionValues<typeof grpcOptions>;

/**
 * Reads where the types of gRPC messages come from from what commander collected.
 *
 * @throws UserError (exit code 2) for a bad value
 */
export function readGrpcOptions(given: Readonly<Record<string, unknown>>): GrpcOptions {
  return readOptions(grpcOptions, given);
}
