import { canonicalHost } from '../../http/loopback.ts';

/** A TCP socket of a network namespace. */
export type SocketRow = {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly isListening: boolean;
};

type Endpoint = { readonly address: string; readonly port: number };

const LISTEN = '0A';

/**
 * Reads the text of /proc/net/tcp or tcp6 (proc(5)): addresses in hexadecimal, each word of 32 bits in the machine's own
 * byte order, ports in hexadecimal. IPv4 addresses inside of IPv6 ones come out as IPv4.
 */
export function readSocketTable(text: string): SocketRow[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', remote = '', state] = line.trim().split(/\s+/);
      if (state === undefined) return [];
      return [{ local: endpoint(local), remote: endpoint(remote), isListening: state === LISTEN }];
    });
}

function endpoint(text: string): Endpoint {
  const [address = '', port = ''] = text.split(':');
  const bytes = Buffer.from(address, 'hex');
  if (isLittleEndian) bytes.swap32();
  return { address: addressOf(bytes), port: Number.parseInt(port, 16) };
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = bytes.toString('hex').match(/.{4}/g) ?? [];
  return canonicalHost(groups.join(':')) ?? '::';
}
