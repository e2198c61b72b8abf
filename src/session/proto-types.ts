import type { TypeSource } from '../grpc/message-types.ts';

/**
 * Compiles the files of `--proto`.
 *
 * @throws UserError (exit code 2) for a file that cannot be read or does not compile
 */
export async function protoTypes(paths: readonly string[]): Promise<TypeSource | undefined> {
  if (paths.length === 0) return undefined;
  // What compiles is large, and most calls of pmproxy have nothing to compile.
  const { compileProtos } = await import('../grpc/proto-files.ts');
  const { fileTypes } = await import('../grpc/file-types.ts');
  return fileTypes(await compileProtos(paths));
}
