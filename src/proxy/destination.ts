import { isIP } from 'node:net';
import type { Header } from '../exchange.ts';
import { headerValues } from '../exchange.ts';

/** The destination of a connection, from its CONNECT or SOCKS request and from the TLS handshake inside. */
export type Route = {
  /** TLS was opened on the innermost hop, so the upstream connection uses TLS as well. */
  readonly encrypted: boolean;
  /** `host:port` of the innermost CONNECT or SOCKS request; absent for a plain proxy connection. */
  readonly tunnel?: string;
  /** The server name of the client's TLS handshake; empty if it is not a host name. */
  readonly sni?: string;
};

/** The upstream destination of one request. */
export type Destination = {
  /** `https://example.com:8443`; an IPv6 address in brackets. */
  readonly origin: string;
  readonly encrypted: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Origin-form target (RFC 9112 3.2.1), path and query as sent; `*` for the server as a whole (3.2.4). */
  readonly path: string;
  /** The recorded URL: scheme, authority (without a default port) and the path as sent. */
  readonly url: string;
  /** The forwarded Host value, in the client's spelling if it names the same authority. */
  readonly host: string;
  /** The request was addressed to the proxy itself, as to a server. */
  readonly isReversed?: boolean;
  /** The name for the upstream's TLS handshake. */
  readonly servername?: string | undefined;
};

/** A request without a usable destination: answered 400 with this message. */
export class BadRequest extends Error {
  override name = 'BadRequest';
}

/**
 * Determines the destination of a request: from an absolute-form target (RFC 9112 3.2.2),
 * otherwise from its tunnel, else from its Host or :authority.
 *
 * @returns `undefined` when the request is for the proxy itself: origin-form, outside any tunnel.
 * @throws BadRequest when the target or the host cannot be understood.
 */
export function destinationOf(
  method: string,
  target: string,
  headers: readonly Header[],
  route: Route,
  authority?: string,
): Destination | undefined {
  const hosts = headerValues(headers, 'host');
  if (hosts.length > 1) throw new BadRequest('The request has more than one Host header.');
  const host = authority ?? hosts[0];
  const absolute = absoluteForm.exec(target);
  if (absolute) {
    const [, scheme = '', named = '', rest = ''] = absolute;
    const path = pathOf(method, rest);
    const place = placeFor(scheme.toLowerCase() === 'https', named, named);
    // The target overrides Host (RFC 9112 3.2.2); the client's spelling is kept if they agree.
    const agrees = host !== undefined && sameAuthority(host, place);
    return destination(place, path, agrees ? host : undefined);
  }
  if (!target.startsWith('/') && !(target === '*' && method === 'OPTIONS'))
    throw new BadRequest(`Cannot send a request for ${quote(target)}.`);
  if (route.tunnel !== undefined) {
    const place = placeFor(route.encrypted, route.tunnel, nameFor(route, host), route.sni);
    return destination(place, target, host);
  }
  // TLS directly to our port, without a tunnel, comes from a transparently redirected client, whose
  // handshake or Host names the upstream. Plain text is a request to the proxy itself.
  if (route.encrypted && route.sni !== undefined && host !== undefined) {
    return destination(placeFor(true, host, host, route.sni), target, host);
  }
  return undefined;
}

// The last proxy turns an OPTIONS for a server as a whole into asterisk-form (RFC 9112 3.2.4).
function pathOf(method: string, rest: string): string {
  if (method === 'OPTIONS' && rest === '') return '*';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

const absoluteForm = /^(https?):\/\/([^/?#]*)([^#]*)/i;

// Written out: this runs for every request, and copying objects by spreading takes 3 µs.
function destination(place: Place, path: string, host = place.host): Destination {
  const { origin, encrypted, hostname, port, servername } = place;
  const url = place.visibleOrigin + (path === '*' ? '/' : encodeBytes(path));
  return { origin, encrypted, hostname, port, path, url, host, servername };
}

function placeFor(encrypted: boolean, connectTo: string, shown: string, sni?: string): Place {
  const key = `${encrypted} ${connectTo} ${shown} ${sni}`;
  let place = places.get(key);
  if (place === undefined) {
    place = findPlace(encrypted, connectTo, shown, sni);
    if (places.size >= maxPlaces) places.clear();
    places.set(key, place);
  }
  return place;
}

// The recorded URL percent-encodes bytes beyond ASCII (RFC 3986 2.1).
function encodeBytes(path: string): string {
  return path.replace(/[\x80-\xff]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

type Place = Omit<Destination, 'path' | 'url' | 'isReversed'> & {
  /** The beginning of recorded URLs. */
  readonly visibleOrigin: string;
};

// Most requests go to few destinations.
const places = new Map<string, Place>();
const maxPlaces = 1000;

function findPlace(
  encrypted: boolean,
  connectTo: string,
  shown: string,
  sni: string | undefined,
): Place {
  const { hostname, port } = parseAuthority(connectTo, encrypted ? 443 : 80);
  const visible = parseAuthority(shown, port);
  const scheme = encrypted ? 'https' : 'http';
  const host = formatAuthority(visible.hostname, visible.port, encrypted);
  return {
    origin: `${scheme}://${formatAuthority(hostname, port)}`,
    visibleOrigin: `${scheme}://${host}`,
    encrypted,
    hostname,
    port,
    host,
    servername: sni || (isIP(hostname) === 0 ? hostname : undefined),
  };
}

// A SOCKS client that resolved the name itself tunnels to an address. Its handshake or its Host
// still has the name, which is required to replay a record.
function nameFor(route: Route, host: string | undefined): string {
  const tunnel = route.tunnel ?? '';
  const { hostname, port } = parseAuthority(tunnel, route.encrypted ? 443 : 80);
  if (isIP(hostname) === 0) return tunnel;
  if (route.sni) return `${route.sni}:${port}`;
  if (!route.encrypted && host !== undefined) {
    const named = /^([a-z0-9_-]+\.)*[a-z][a-z0-9_-]*(?=:\d+$|$)/i.exec(host)?.[0];
    if (named !== undefined) return `${named}:${port}`;
  }
  return tunnel;
}

/**
 * Splits `host`, `host:port` or `[v6]:port`.
 *
 * @throws BadRequest when it is neither a name nor an address, or the port is invalid.
 */
export function parseAuthority(
  authority: string,
  defaultPort: number,
): { hostname: string; port: number } {
  const match = authorityForm.exec(authority);
  const hostname = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined || match[3] === '' ? defaultPort : Number(match[3]);
  const bracketed = match?.[1] !== undefined;
  if (
    !hostname ||
    port < 1 ||
    port > 65535 ||
    (bracketed && isIP(hostname.split('%')[0] ?? '') !== 6)
  ) {
    throw new BadRequest(`${quote(authority)} is not a host.`);
  }
  return { hostname: hostname.toLowerCase(), port };
}

// RFC 3986 3.2.2 reg-name, without percent-encoding and sub-delims, which no resolver accepts; user
// information is not allowed in a request target (RFC 9110 4.2.4).
const authorityForm = /^(?:\[([0-9a-f:.%]+)\]|([a-z0-9._~-]+))(?::(\d*))?$/i;

// Omits the scheme's default port if a scheme is given, as in URLs.
function formatAuthority(hostname: string, port: number, encrypted?: boolean): string {
  const name = hostname.includes(':') ? `[${hostname}]` : hostname;
  return encrypted !== undefined && port === (encrypted ? 443 : 80) ? name : `${name}:${port}`;
}

function sameAuthority(host: string, other: Place): boolean {
  if (host === other.host) return true;
  const match = authorityForm.exec(host);
  const hostname = (match?.[1] ?? match?.[2])?.toLowerCase();
  const port = match?.[3] ? Number(match[3]) : other.encrypted ? 443 : 80;
  return hostname === other.hostname && port === other.port;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
