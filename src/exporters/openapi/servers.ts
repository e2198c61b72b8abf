import type { UrlParts, Variable } from '../../collection.ts';
import { resolver } from '../../document/resolving.ts';
import type { Server } from './document.ts';

/** The servers of a collection, taken in URL by URL. */
export type Servers = {
  /** The server of a URL, whose host may hold variables; `variables` gives them their values. */
  see(url: UrlParts, variables: readonly Variable[]): Server;
  /** In the order in which they appeared. */
  all(): Server[];
};

/** Starts with no server seen. */
export function servers(environment: ReadonlyMap<string, string>): Servers {
  const known = new Map<string, Server>();
  return {
    see(url, variables) {
      const server = serverOf(url, (text) => resolver(variables, environment)(text));
      const same = known.get(server.url);
      if (same === undefined) known.set(server.url, server);
      return same ?? server;
    },
    all: () => [...known.values()],
  };
}

function serverOf(
  { protocol, host = [], port }: UrlParts,
  resolve: (text: string) => string,
): Server {
  const name = host.join('.');
  const isWhole = protocol === undefined && /^\{\{[^{}]+\}\}$/.test(name) && port === undefined;
  const scheme = isWhole ? '' : `${protocol ?? 'http'}://`;
  const written = `${scheme}${name}${port === undefined ? '' : `:${port}`}`;
  const variables: Record<string, { default: string }> = {};
  const url = written.replace(/\{\{([^{}]+)\}\}/g, (braced, given: string, at: number) => {
    const word = given
      .trim()
      .replace(/^\$/, '')
      .replace(/[^\w.-]/g, '_');
    const value = resolve(braced);
    const fallback = isWhole
      ? 'http://localhost'
      : isPort(written, at)
        ? '80'
        : hostName(name, word);
    // A path begins with a slash of its own.
    variables[word] = {
      default: value.includes('{{') ? fallback : value.endsWith('/') ? value.slice(0, -1) : value,
    };
    return `{${word}}`;
  });
  return Object.keys(variables).length === 0 ? { url } : { url, variables };
}

function isPort(written: string, at: number): boolean {
  return written[at - 1] === ':';
}

/** A default has to be there (OpenAPI 3.1.1, 4.8.6): of a label its name tells as much as anything. */
function hostName(host: string, word: string): string {
  return /^\{\{[^{}]+\}\}$/.test(host) ? 'localhost' : word;
}
