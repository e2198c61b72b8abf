import {
  type CallOptions,
  type Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  credentials,
  Metadata,
  type MethodDefinition,
  makeClientConstructor,
  type requestCallback,
  Server,
  ServerCredentials,
  type ServiceError,
  type StatusObject,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { RunningProxy } from '../../src/proxy/index.ts';
import { upstreamAuthority } from './upstream.ts';

type Bytes = MethodDefinition<Buffer, Buffer>;

const bytes = (value: Buffer) => value;

function method(name: string, requestStream: boolean, responseStream: boolean): Bytes {
  const path = `/test.Echo/${name}`;
  const serializers = { requestSerialize: bytes, requestDeserialize: bytes };
  return {
    path,
    requestStream,
    responseStream,
    ...serializers,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
}

/** A service whose messages are bytes. */
const echoService = {
  unary: method('Unary', false, false),
  server: method('Server', false, true),
  client: method('Client', true, false),
  both: method('Both', true, true),
} as const;

export type GrpcUpstream = { readonly address: string; readonly secure: boolean };

/** Starts a gRPC server for `localhost`; it is gone when the test is over. */
export async function grpcUpstream(
  secure: boolean,
  implementation: UntypedServiceImplementation,
): Promise<GrpcUpstream> {
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  server.addService(echoService, implementation);
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      '127.0.0.1:0',
      secure ? ServerCredentials.createSsl(null, [pair]) : ServerCredentials.createInsecure(),
      (error, bound) => (error ? reject(error) : resolve(bound)),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return { address: `localhost:${port}`, secure };
}

/** The calls of {@link echoService}. */
export type EchoClient = Client & {
  unary(
    message: Buffer,
    metadata: Metadata,
    options: CallOptions,
    done: requestCallback<Buffer>,
  ): ClientUnaryCall;
  server(message: Buffer, metadata?: Metadata, options?: CallOptions): ClientReadableStream<Buffer>;
  client(metadata: Metadata, done: requestCallback<Buffer>): ClientWritableStream<Buffer>;
  both(metadata?: Metadata, options?: CallOptions): ClientDuplexStream<Buffer, Buffer>;
};

type GrpcProxy = Pick<RunningProxy, 'url'> & {
  readonly authority: Pick<RunningProxy['authority'], 'certPem'>;
};

/** Opens a gRPC client, through a proxy or directly; it is gone when the test is over. */
export async function grpcClient(
  { address, secure }: GrpcUpstream,
  proxy: GrpcProxy | undefined,
  options: ClientOptions = {},
): Promise<EchoClient> {
  const authority = proxy?.authority.certPem ?? (await upstreamAuthority()).certPem;
  // The client reads its proxy from the environment when it is made.
  if (proxy) process.env['grpc_proxy'] = proxy.url;
  const Echo = makeClientConstructor(echoService, 'Echo');
  const client = new Echo(
    address,
    secure ? credentials.createSsl(Buffer.from(authority)) : credentials.createInsecure(),
    {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
      ...options,
    },
  ) as unknown as EchoClient;
  delete process.env['grpc_proxy'];
  onTestFinished(() => client.close());
  return client;
}

/** What a unary call came to. */
export type Called = {
  readonly message?: Buffer | undefined;
  readonly error?: ServiceError | undefined;
  /** Metadata of the answer's head. */
  readonly metadata?: Metadata | undefined;
  readonly status?: StatusObject | undefined;
};

/** Makes a unary call. */
export function callUnary(
  client: EchoClient,
  message: Buffer,
  metadata = new Metadata(),
  options: CallOptions = {},
): Promise<Called> {
  return new Promise((resolve) => {
    let head: Metadata | undefined;
    let result: Called = {};
    const call = client.unary(message, metadata, options, (error, answer) => {
      result = { message: answer, error: error ?? undefined };
    });
    call.on('metadata', (received) => {
      head = received;
    });
    call.on('status', (status) => {
      // Told ahead of the callback where the call failed.
      setImmediate(() => resolve({ ...result, metadata: head, status }));
    });
  });
}
