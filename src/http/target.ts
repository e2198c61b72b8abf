/** The parts of an absolute URL exactly as they were sent; joined again they are the URL. */
export type Target = {
  /** `http` or `https`, without the colon. */
  readonly protocol: string;
  /** `user:password` where the URL has them, undecoded. */
  readonly userinfo?: string;
  readonly host: string;
  readonly port?: string;
  /** From the first slash to the question mark, undecoded; empty when there is none. */
  readonly path: string;
  /** What follows the question mark, undecoded; absent when there is no question mark. */
  readonly query?: string;
};

const ABSOLUTE =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?(\[[^\]/?#]*\]|[^/?#:]*)(?::([^/?#]*))?([^?]*)(?:\?(.*))?$/is;

/** Takes a URL apart without decoding or normalising anything; a text that is no absolute URL is all path. */
export function parseTarget(url: string): Target {
  const match = ABSOLUTE.exec(url);
  if (match === null) return { protocol: 'http', host: '', path: url };
  const [, protocol = '', userinfo, host = '', port, path = '', query] = match;
  return {
    protocol: protocol.toLowerCase(),
    host,
    path,
    ...(userinfo === undefined ? {} : { userinfo }),
    ...(port === undefined ? {} : { port }),
    ...(query === undefined ? {} : { query }),
  };
}

/** Scheme, host and port: what a `{{baseUrl}}` stands for. */
export function originOf(target: Target): string {
  const port = target.port === undefined ? '' : `:${target.port}`;
  return `${target.protocol}://${target.host.toLowerCase()}${port}`;
}

/** The URL that these are the parts of. */
export function joinTarget({ protocol, userinfo, host, port, path, query }: Target): string {
  const user = userinfo === undefined ? '' : `${userinfo}@`;
  const end = query === undefined ? '' : `?${query}`;
  return `${protocol}://${user}${host}${port === undefined ? '' : `:${port}`}${path}${end}`;
}
