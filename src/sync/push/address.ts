import { usageError } from '../../errors.ts';

/** Where a client listens. */
export type ClientAddress = {
  /** `ws://127.0.0.1:5005/capture`, without its token. */
  readonly url: string;
  /** The token in the address, if it has one. */
  readonly token: string | undefined;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
};

/**
 * Reads the address of a running client: the URL of its `/capture` endpoint, or that of its page, which people can copy.
 *
 * @throws UserError (exit code 2) when the text is not such an address
 */
export function clientAddress(given: string): ClientAddress {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const scheme = url && schemes[url.protocol];
  if (url === undefined || scheme === undefined || url.hostname === '') {
    throw usageError(
      `--client ${JSON.stringify(given)}: write an address such as ws://127.0.0.1:5005/capture.`,
    );
  }
  const path = url.pathname === '/' ? '/capture' : url.pathname;
  const query = new URLSearchParams(url.search);
  const token = query.get('token') ?? undefined;
  query.delete('token');
  const rest = query.size > 0 ? `?${query}` : '';
  return {
    url: `${scheme}//${url.host}${path}${rest}`,
    token,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || (scheme === 'wss:' ? 443 : 80)),
  };
}

const schemes: Readonly<Record<string, string>> = {
  'ws:': 'ws:',
  'wss:': 'wss:',
  'http:': 'ws:',
  'https:': 'wss:',
};
