import { createRegistry, type FileRegistry } from '@bufbuild/protobuf';
import { describeError } from '../errors.ts';
import { typesIn } from './file-types.ts';
import type { TypeSource } from './message-types.ts';
import { reflectService } from './reflection.ts';
import type { ReflectionTls } from './reflection-stream.ts';

/** Types that servers tell of themselves. */
export type ReflectedTypes = TypeSource & {
  /** Asks for the types of the service that a call goes to, before anybody needs them: the server may be gone later. */
  prepare(url: string, service: string): void;
};

/** Answers of more services than this are not kept. */
const MOST_SERVICES = 1000;

/**
 * Asks each server once for each of its services; what it does not tell is not asked again.
 *
 * @param tlsFor what to trust of a host, and who we are to it
 */
export function reflectedTypes(
  tlsFor: (hostname: string, port: number) => ReflectionTls,
): ReflectedTypes {
  const known = new Map<string, Promise<FileRegistry | { readonly note: string }>>();

  function types(url: string, service: string) {
    const { origin, hostname, port, protocol } = new URL(url);
    const key = `${origin} ${service}`;
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    if (known.size >= MOST_SERVICES) return Promise.resolve({ note: 'Too many services.' });
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const tls = tlsFor(host, Number(port) || (protocol === 'http:' ? 80 : 443));
    const asked = reflectService(origin, service, tls).catch((error: unknown) => ({
      note: `Reflection of ${service} failed: ${describeError(error)}.`,
    }));
    known.set(key, asked);
    return asked;
  }

  return {
    prepare(url, service) {
      if (URL.canParse(url)) void types(url, service);
    },
    async find(url, service, method) {
      if (!URL.canParse(url)) return { registry: createRegistry() };
      const found = await types(url, service);
      if ('note' in found) return { registry: createRegistry(), note: found.note };
      const ofMethod = typesIn(found, service, method);
      return ofMethod === undefined ? { registry: found } : { types: ofMethod, registry: found };
    },
  };
}

/** Asks the first source, and the second for methods that the first does not know. */
export function eitherTypes(first: TypeSource, second: TypeSource): TypeSource {
  return {
    async find(url, service, method) {
      const found = await first.find(url, service, method);
      return found.types === undefined ? second.find(url, service, method) : found;
    },
  };
}
