import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { newFolder } from './folder.ts';

/** A service with messages, one of which has a password. */
export const THINGS_PROTO = `syntax = "proto3";
package demo.v1;
import "google/protobuf/timestamp.proto";
service Things {
  rpc Get(GetRequest) returns (Thing);
  rpc Watch(GetRequest) returns (stream Thing);
}
message GetRequest { string name = 1; string password = 2; }
message Thing { string name = 1; int64 size = 2; google.protobuf.Timestamp made_at = 3; }
`;

/** A folder with that service in `things.proto`. */
export async function thingsFolder(): Promise<string> {
  const folder = await newFolder();
  await writeFile(join(folder, 'things.proto'), THINGS_PROTO);
  return folder;
}

/**
 * Starts a server with reflection.
 *
 * @param credentials plain text unless given
 */
export async function startThings(
  credentials: grpc.ServerCredentials = grpc.ServerCredentials.createInsecure(),
): Promise<{ readonly port: number; close(): void }> {
  const definition = loader.loadSync(join(await thingsFolder(), 'things.proto'), {
    keepCase: true,
  });
  const server = new grpc.Server();
  const things = definition['demo.v1.Things'] as grpc.ServiceDefinition;
  server.addService(things, {
    Get: (
      { request }: { request: { name: string } },
      answer: (error: null, thing: object) => void,
    ) => answer(null, { name: request.name, size: 5 }),
  });
  new ReflectionService(definition).addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, close: () => server.forceShutdown() };
}
