import type { UrlParts, Variable } from '../../collection.ts';
import { resolver } from '../../document/resolving.ts';
import type { Server } from './document.ts';

/** Collects the servers of a collection, URL by URL. */
export type Servers = {
  /** Returns the server of a URL, whose host may contain variables; `variables` provides their values. */
  see(url: UrlParts, variables: readonly Variable[]): Server;
  /** In order of appearance. */
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

/** A default is required (OpenAPI 3.1.1, 4.8.6): a variable label gets its own name. */
function hostName(host: string, word: string): string {
  return /^\{\{[^{}]+\}\}$/.test(host) ? 'localhost' : word;
}
