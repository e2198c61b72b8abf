import { createRegistry, type FileRegistry } from '@bufbuild/protobuf';
import { describeError } from '../errors.ts';
import { typesIn } from './file-types.ts';
import type { TypeSource } from './message-types.ts';
import { reflectService } from './reflection.ts';
import type { ReflectionTls } from './reflection-stream.ts';

/** Returns the types of the service of a call, or a text that explains why there are none. */
export type RegistryOf = (
  url: string,
  service: string,
) => Promise<FileRegistry | { readonly note: string }>;

/** Types that servers provide by reflection. */
export type ReflectedTypes = TypeSource & { readonly registryOf: RegistryOf };

/** The maximum number of services whose responses are kept. */
const MOST_SERVICES = 1000;

/**
 * Queries each server once for each of its services; failed queries are not repeated.
 *
 * @param tlsFor trusted roots and our client certificate for a host
 */
export function reflectedTypes(
  tlsFor: (hostname: string, port: number) => ReflectionTls,
): ReflectedTypes {
  const known = new Map<string, ReturnType<RegistryOf>>();

  const registryOf: RegistryOf = async (url, service) => {
    if (!URL.canParse(url)) return { note: `There is no server to ask for ${service}.` };
    const { origin, hostname, port, protocol } = new URL(url);
    const key = `${origin} ${service}`;
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    if (known.size >= MOST_SERVICES) return { note: `More than ${MOST_SERVICES} services.` };
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const tls = tlsFor(host, Number(port) || (protocol === 'http:' ? 80 : 443));
    const asked = reflectService(origin, service, tls).catch((error: unknown) => ({
      note: `Reflection of ${service} failed: ${describeError(error)}.`,
    }));
    known.set(key, asked);
    return asked;
  };
  return { ...typesFrom(registryOf), registryOf };
}

/** Finds the types of messages in the description of a service. */
export function typesFrom(registryOf: RegistryOf): TypeSource {
  return {
    async find(url, service, method) {
      const found = await registryOf(url, service);
      if ('note' in found) return { registry: createRegistry(), note: found.note };
      const types = typesIn(found, service, method);
      return { registry: found, ...(types && { types }) };
    },
  };
}

/** Queries the first source, and the second source for methods unknown to the first. */
export function eitherTypes(first: TypeSource, second: TypeSource): TypeSource {
  return {
    async find(url, service, method) {
      const found = await first.find(url, service, method);
      return found.types === undefined ? second.find(url, service, method) : found;
    },
  };
}
