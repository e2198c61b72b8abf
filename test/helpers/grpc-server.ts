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

async function thingsDefinition(): Promise<loader.PackageDefinition> {
  return loader.load(join(await thingsFolder(), 'things.proto'), { keepCase: true });
}

/** A client of that service, which asks and does not wait for what comes. */
export async function thingsClient(
  port: number,
  options: grpc.ClientOptions,
): Promise<{ get(request: object): void; close(): void }> {
  const definition = await thingsDefinition();
  const Things = grpc.makeGenericClientConstructor(
    definition['demo.v1.Things'] as grpc.ServiceDefinition,
    'Things',
  );
  const address = `127.0.0.1:${port}`;
  const client = new Things(address, grpc.credentials.createInsecure(), options);
  return {
    get: (request) => client['Get']?.(request, () => {}),
    close: () => client.close(),
  };
}

/**
 * Starts a server with reflection.
 *
 * @param credentials plain text unless given
 */
export async function startThings(
  credentials: grpc.ServerCredentials = grpc.ServerCredentials.createInsecure(),
): Promise<{ readonly port: number; close(): void }> {
  const definition = await thingsDefinition();
  const server = new grpc.Server();
  const things = definition['demo.v1.Things'] as grpc.ServiceDefinition;
  server.addService(things, {
    Get: (
      { request }: { request: { name: string } },
      answer: (error: object | null, thing?: object) => void,
    ) =>
      request.name === 'nobody'
        ? answer({ code: grpc.status.NOT_FOUND, details: 'naïve 100%\nno nobody' })
        : answer(null, { name: request.name, size: 5 }),
  });
  new ReflectionService(definition).addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, close: () => server.forceShutdown() };
}
