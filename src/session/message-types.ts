import { createSecureContext } from 'node:tls';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Observer, RequestHead } from '../exchange.ts';
import type { TypeSource } from '../grpc/message-types.ts';
import { methodOf, wireOf } from '../grpc/protocol.ts';
import type { ReflectedTypes } from '../grpc/reflected-types.ts';
import type { GrpcOptions } from '../options/grpc.ts';
import type { ProxyCommandOptions } from '../options/proxy.ts';
import { trustedRoots } from '../proxy/index.ts';
import { clientCertificate, trustedCertificates } from './certificate-files.ts';
import { protoTypes } from './proto-types.ts';

/** Where the types of gRPC messages come from, as the options have it. */
export type MessageTypes = {
  /** Absent where the options name nothing. */
  readonly source?: TypeSource;
  /** Set with `--grpc-reflection`. */
  readonly reflected?: ReflectedTypes;
};

/**
 * Makes what knows the types of messages: the files of `--proto` first, then the servers.
 *
 * @throws UserError (exit code 2) for a file that cannot be read or does not compile
 */
export async function messageTypes(
  { proto, grpcReflection }: GrpcOptions,
  options: ProxyCommandOptions,
): Promise<MessageTypes> {
  const files = await protoTypes(proto);
  if (!grpcReflection) return files === undefined ? {} : { source: files };
  const { eitherTypes, reflectedTypes } = await import('../grpc/reflected-types.ts');
  const reflected = reflectedTypes(await reflectionTls(options));
  return { source: files === undefined ? reflected : eitherTypes(files, reflected), reflected };
}

/** Opens a port at which another thread asks for the types of servers; undefined without `--grpc-reflection`. */
export async function typesPort({ reflected }: MessageTypes): Promise<MessagePort | undefined> {
  if (reflected === undefined) return undefined;
  const { answerTypes } = await import('../grpc/types-across-threads.ts');
  const { port1, port2 } = new MessageChannel();
  answerTypes(port1, reflected.registryOf);
  return port2;
}

/** Trusts, and is, what the proxy's own connections do. */
async function reflectionTls({ insecure, trust, clientCert }: ProxyCommandOptions) {
  const extra = await Promise.all(trust.map(trustedCertificates));
  const certificates = await Promise.all(clientCert.map(clientCertificate));
  return (hostname: string, port: number) => {
    const identity = certificates.find(({ matches }) => matches(hostname, port))?.identity;
    return {
      secureContext: createSecureContext({ ca: trustedRoots(extra), ...identity }),
      rejectUnauthorized: !insecure.some((matches) => matches(hostname, port)),
    };
  };
}

/** Asks a server for the types of a service, so that they are known when they are needed; undefined to ask nobody. */
export type AskTypes = ((url: string, service: string) => void) | undefined;

/** What asks servers with `--grpc-reflection`. Whatever comes of it is told when somebody needs it. */
export function typesAsker({ reflected }: MessageTypes): AskTypes {
  return reflected && ((url, service) => void reflected.registryOf(url, service));
}

/** The same observer, which asks a server for its types when the first call goes to it: later it may be gone. */
export function askingObserver(observer: Observer, ask: AskTypes): Observer {
  if (ask === undefined) return observer;
  return {
    begin(request) {
      const tap = observer.begin(request);
      if (tap !== undefined) prepare(request, ask);
      return tap;
    },
    get congested() {
      return observer.congested;
    },
    onceDrained: (resume) => observer.onceDrained(resume),
    stop: () => observer.stop(),
  };
}

function prepare({ headers, url }: RequestHead, ask: NonNullable<AskTypes>): void {
  const named = wireOf(headers) && methodOf(url);
  if (named) ask(url, named.service);
}
